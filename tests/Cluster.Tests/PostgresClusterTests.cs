using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

[Trait("Needs", "PostgreSQL")]
public sealed class PostgresClusterTests(ITestOutputHelper output) : ClusterTests(Store.Postgres, output);
