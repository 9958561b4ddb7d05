using ClusterChat.Cluster.Tests.Harness;
using Xunit.Abstractions;

namespace ClusterChat.Cluster.Tests;

public sealed class SqliteClusterStopTests(ITestOutputHelper output) : ClusterStopTests(Store.Sqlite, output);
