using System.Text.Json;

namespace MetaMap.Cli.Tests;

/// <summary>The benchmarks through the real command, as short as they can be.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Lane_SmallRun_SaysRateMemoryAndModel()
    {
        JsonElement lane = JsonDocument.Parse((await Succeed(
            "bench", "lane", "--json", "--device", "cpu", "--dataset", "noise", "--size", "16", "--filters", "4", "--meta-batch", "2", "--block", "1", "--iterations", "8")).Output).RootElement;
        Assert.Equal(8, lane.GetProperty("iterations").GetInt32());
        Assert.True(lane.GetProperty("episodes_per_second").GetDouble() > 0);
        Assert.InRange(lane.GetProperty("peak_mib").GetInt32(), 50, 10_000);
        Assert.Equal(64, lane.GetProperty("model_sha256").GetString()!.Length);
    }

    [Theory]
    [InlineData("--patience")]
    [InlineData("--validation-interval")]
    [InlineData("--eval-episodes")]
    public Task Lane_OptionThatItWouldNotUse_IsUnknown(string option) => MetamapCommand.AssertRefused(2, option, "bench", "lane", option, "3");

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Train_WorkB_GivesOneModelInEveryWayButTheGraphs()
    {
        MetamapCommand call = await Succeed("bench", "train", "--json", "--device", "cpu", "--work", "B", "--repeats", "1", "--seconds", "1");
        JsonElement[] rows = [.. call.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["one lane, graphs", "one lane, layer by layer", "cluster, 1 worker process", "cluster, 2 worker processes"],
            rows.Select(row => row.GetProperty("trained_by").GetString()));
        Assert.Single(rows[1..].Select(row => row.GetProperty("model_sha256").GetString()).Distinct());
        Assert.Equal(1.0, rows[0].GetProperty("times_graphs").GetDouble());
        Assert.All(rows, row => Assert.InRange(row.GetProperty("episodes_per_second").GetDouble(), row.GetProperty("least").GetDouble(), row.GetProperty("most").GetDouble()));
        Assert.Contains("metamap: work B, 1 of 1, one lane, graphs: ", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Cluster_WorkB_GivesOneModelInEveryWayAndSaysWhereTheTimeWent()
    {
        MetamapCommand call = await Succeed("bench", "cluster", "--json", "--device", "cpu", "--threads", "2", "--work", "B", "--repeats", "1", "--seconds", "6");
        JsonElement[] rows = [.. call.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["bare loop", "cluster, worker in the process", "cluster, 2 worker processes"], rows.Select(row => row.GetProperty("trained_by").GetString()));
        Assert.Single(rows.Select(row => row.GetProperty("model_sha256").GetString()).Distinct());
        Assert.Equal(1.0, rows[0].GetProperty("of_bare_loop").GetDouble());
        Assert.All(rows[1..], row =>
        {
            double iteration = row.GetProperty("iteration_ms").GetDouble();
            Assert.All(["gradient_ms", "reduce_ms", "step_ms", "sample_ms"], part => Assert.InRange(row.GetProperty(part).GetDouble(), 0, iteration));
            Assert.InRange(row.GetProperty("step_ms").GetDouble(), 0.01, iteration);
            Assert.Equal(1.0, new[] { "compute", "data", "parameters", "idle" }.Sum(part => row.GetProperty(part).GetDouble()), 3);
            Assert.InRange(row.GetProperty("compute").GetDouble(), 0.05, 1);
        });
    }

    private static async Task<MetamapCommand> Succeed(params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(arguments);
        Assert.True(call.ExitCode == 0, call.Errors);
        return call;
    }
}
