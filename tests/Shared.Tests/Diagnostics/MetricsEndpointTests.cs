using ClusterChat.Diagnostics;

namespace ClusterChat.Tests.Diagnostics;

public sealed class MetricsEndpointTests
{
    [Theory]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("APPLICATION/OpenMetrics-Text;version=\"1.0.0\"", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.5", false)]
    [InlineData("application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5", false)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0", false)]
    [InlineData("text/plain;version=0.0.4", false)]
    [InlineData("text/html,*/*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData("", false)]
    [InlineData(";;;=,", false)]
    public void OpenMetrics_is_for_who_asks_for_it(string accept, bool open) => MetricsEndpoint.PrefersOpenMetrics([accept]).ShouldBe(open);

    [Fact]
    public void Nobody_s_wish_is_for_the_older_format() => MetricsEndpoint.PrefersOpenMetrics([]).ShouldBeFalse();

    [Theory]
    [InlineData("Max open files            20000                524288               files     ", 20000)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max cpu time              10                   20                   seconds   ", null)]
    public void The_limit_of_open_files_is_the_soft_one(string line, int? most) => OpenFiles.Parse(["Limit  Soft Limit  Hard Limit  Units", line]).ShouldBe(most);
}
