using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

public sealed class SqliteClusterTests(ITestOutputHelper output) : ClusterTests(Store.Sqlite, output);
