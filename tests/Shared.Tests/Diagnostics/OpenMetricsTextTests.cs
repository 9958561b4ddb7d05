using ClusterChat.TestKit;

namespace ClusterChat.Tests.Diagnostics;

/// <summary>The reader that holds the exporter to the grammar: it has to be strict.</summary>
public sealed class OpenMetricsTextTests
{
    [Fact]
    public void The_example_of_the_specification_is_read()
    {
        var families = OpenMetricsText.Read(
            "# TYPE acme_http_router_request_seconds histogram\n"
            + "# UNIT acme_http_router_request_seconds seconds\n"
            + "# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.\n"
            + "acme_http_router_request_seconds_bucket{path=\"/api/v1\",le=\"0.5\"} 3\n"
            + "acme_http_router_request_seconds_bucket{path=\"/api/v1\",le=\"+Inf\"} 4\n"
            + "acme_http_router_request_seconds_count{path=\"/api/v1\"} 4\n"
            + "acme_http_router_request_seconds_sum{path=\"/api/v1\"} 9036.32\n"
            + "# TYPE go_goroutines gauge\n"
            + "# HELP go_goroutines Number of \\\\ \\n \\\" goroutines that currently exist.\n"
            + "go_goroutines 69\n"
            + "# TYPE process_cpu_seconds counter\n"
            + "# UNIT process_cpu_seconds seconds\n"
            + "process_cpu_seconds_total 4.20072246e+06\n"
            + "# EOF\n");
        families.Count.ShouldBe(3);
        families["go_goroutines"].Help.ShouldBe("Number of \\ \n \" goroutines that currently exist.");
        families["process_cpu_seconds"].Samples.ShouldHaveSingleItem().Value.ShouldBe(4200722.46);
        families["acme_http_router_request_seconds"].Samples[0].Labels["path"].ShouldBe("/api/v1");
    }

    [Theory]
    [InlineData("a 1\n# EOF\n", "before any descriptor")]
    [InlineData("# TYPE a gauge\na 1\n", "no \"# EOF\"")]
    [InlineData("# TYPE a gauge\na 1\n# EOF\n\n", "more than a line feed after the end")]
    [InlineData("# TYPE a gauge\na 1\n# EOF\nb 1\n", "a sample after the end")]
    [InlineData("# TYPE a counter\na 1\n# EOF\n", "a counter without _total")]
    [InlineData("# TYPE a counter\na_total -1\n# EOF\n", "a negative counter")]
    [InlineData("# TYPE a counter\na_total NaN\n# EOF\n", "a counter that is no number")]
    [InlineData("# TYPE a gauge\na{b=\"c\",} 1\n# EOF\n", "a comma too many")]
    [InlineData("# TYPE a gauge\na{b=\"c\", d=\"e\"} 1\n# EOF\n", "a blank within labels")]
    [InlineData("# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n# EOF\n", "a label twice")]
    [InlineData("# TYPE a gauge\na{b=\"\\t\"} 1\n# EOF\n", "an unknown escape")]
    [InlineData("# TYPE a gauge\na{b=\"\n\"} 1\n# EOF\n", "a bare line feed")]
    [InlineData("# TYPE a gauge\na{1b=\"\"} 1\n# EOF\n", "a label that begins with a digit")]
    [InlineData("# TYPE a gauge\na  1\n# EOF\n", "two blanks")]
    [InlineData("# TYPE a gauge\na 1,5\n# EOF\n", "a number with a comma")]
    [InlineData("# TYPE a gauge\na 0x1\n# EOF\n", "a number in hexadecimal")]
    [InlineData("# TYPE a gauge\na 1\na 2\n# EOF\n", "a series twice")]
    [InlineData("# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n", "interleaved families")]
    [InlineData("# TYPE a gauge\n# TYPE a gauge\na 1\n# EOF\n", "a descriptor twice")]
    [InlineData("# TYPE a bird\na 1\n# EOF\n", "an unknown type")]
    [InlineData("# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n", "a unit that the name does not end with")]
    [InlineData("# TYPE a gauge\n# HELP a says \"a\"\na 1\n# EOF\n", "quotes in help")]
    [InlineData("# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total 1\n# EOF\n", "names that clash")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\na_count 0\na_sum 0\n# EOF\n", "a bound that is not canonical")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1.0\"} 0\na_count 0\na_sum 0\n# EOF\n", "no infinite bucket")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 0\n# EOF\n", "buckets that are not cumulative")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 0\n# EOF\n", "a count that is another one")]
    [InlineData("# TYPE a gauge\na{b=\"1\"} 1\r\n# EOF\n", "carriage returns")]
    public void What_the_specification_forbids_is_refused(string text, string why)
        => Should.Throw<FormatException>(() => OpenMetricsText.Read(text), why);
}
