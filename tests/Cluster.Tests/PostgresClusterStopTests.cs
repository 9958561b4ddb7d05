using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresClusterStopTests(ITestOutputHelper output) : ClusterStopTests(Store.Postgres, output);
