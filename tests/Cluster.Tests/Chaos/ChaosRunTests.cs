using MetaMap.Chaos;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Chaos;

/// <summary>A minute of chaos with real processes. The long one: <c>bench/chaos.sh --minutes 30 --seed 1</c>.</summary>
[Trait("Category", "Slow")]
public sealed class ChaosRunTests(ITestOutputHelper output) : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Execute_AMinuteOfFaults_LosesNothing()
    {
        ChaosOptions options = new(TimeSpan.FromSeconds(55), Seed: 5, Coordinators: 1, Workers: 3);
        options = options with { Run = SmallRun.Options with { MetaBatch = 12, Iterations = 100 } };
        Directory.CreateDirectory(_folder["chaos"]);
        using StringWriter said = new();
        ChaosReport report = new(said, isJson: false);
        using CancellationTokenSource timeout = new(TestTime.Limit);
        ChaosSummary summary = await new ChaosRun(options, report, _folder["chaos"]).Execute(timeout.Token);
        report.Summary(summary);
        output.WriteLine(said.ToString());
        Assert.True(summary.IsPassed, said.ToString());
        Assert.True(summary.Faults.Values.Sum() >= 8, said.ToString());
    }
}
