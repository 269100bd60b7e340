using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Crashes;

/// <summary>
/// SIGKILL at the system calls of a commit. Which there are is not written down here but recorded from a run, so that
/// another way of storing is tried in the same way.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CrashPointTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Environment variable: how many points are tried at most, instead of <see cref="UsualPoints"/>.</summary>
    private const string PointsVariable = "METAMAP_CRASH_POINTS";

    private const int UsualPoints = 5;
    private const int Sigkilled = 128 + MetamapProcess.SigKill;
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_KilledAtAnySystemCallOfACommit_ResumesToTheSameBits()
    {
        if (!Strace.IsAvailable(output))
        {
            return;
        }

        ImmutableArray<SystemCall> calls = await Strace.Record(_folder["strace.log"], _folder["recorded"], SmallRun.Train("--out", _folder["recorded"]));
        ImmutableArray<SystemCall> points = Chosen(calls);
        int killed = 0;
        int chain = 0;
        foreach (SystemCall point in points)
        {
            // One run is killed again and again; when it has gone past a point, the next run begins.
            bool isFresh = chain == 0 || !IsBegun(Run(chain));
            chain = Math.Max(chain, 1);
            bool wasKilled = await IsKilledAt(point, Run(chain));
            if (!wasKilled && !isFresh)
            {
                wasKilled = await IsKilledAt(point, Run(++chain));
            }

            output.WriteLine($"{(wasKilled ? "killed at" : "never came to")} {point}");
            killed += wasKilled ? 1 : 0;
            chain += wasKilled ? 0 : 1;
        }

        for (int run = 1; run <= chain && Directory.Exists(Run(run)); run++)
        {
            SmallRun.AssertSameBits(await MetamapProcess.Run(Command(Run(run))));
        }

        output.WriteLine($"{killed} of {points.Length} points in {chain} runs; {calls.Length} calls in all");
        Assert.True(killed >= 4 && killed >= points.Length * 2 / 3, $"only {killed} of {points.Length} points were reached");
    }

    private string Run(int number) => _folder[$"run-{number}"];

    private static bool IsBegun(string run) => File.Exists(Path.Combine(run, "config.json"));

    /// <summary>The command that begins a run, or goes on with one that was begun.</summary>
    private static string[] Command(string run) => IsBegun(run) ? ["train", "--json", "--resume", run] : SmallRun.Train("--out", run);

    private static async Task<bool> IsKilledAt(SystemCall point, string run)
    {
        int stored = NewestCheckpoint(run);
        using MetamapProcess process = Strace.StartKilledAt(point, run, Command(run));
        IReadOnlyList<JsonElement> events = await process.AllEvents();
        int exit = await process.Exit();
        if (events.FirstOrDefault(element => SmallRun.IsIteration(element, 0)) is { ValueKind: JsonValueKind.Object } first)
        {
            Assert.True(first.GetProperty("iteration").GetInt32() >= stored, $"iteration {stored} was stored, but the run went on from before it");
        }

        if (exit != Sigkilled)
        {
            Assert.True(exit == 0, $"{point}: exit code {exit}\n{process.Errors}");
            SmallRun.AssertSameBits(events[^1]);
        }

        return exit == Sigkilled;
    }

    private static int NewestCheckpoint(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        return !Directory.Exists(folder) ? 0 : Directory.GetFiles(folder, "*.safetensors")
            .Select(file => int.TryParse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture, out int iteration) ? iteration : 0)
            .DefaultIfEmpty(0).Max();
    }

    /// <summary>Of each kind of call one in the middle of the run, in order; evenly thinned out when they are too many. TensorBoard's files are no state.</summary>
    private static ImmutableArray<SystemCall> Chosen(ImmutableArray<SystemCall> calls)
    {
        SystemCall[] middle = [.. calls.Where(call => !call.Path.StartsWith("tensorboard", StringComparison.Ordinal))
            .GroupBy(call => call.Kind).Select(kind => kind.ElementAt(kind.Count() / 2))
            .OrderBy(call => calls.IndexOf(call))];
        int most = int.TryParse(Environment.GetEnvironmentVariable(PointsVariable), CultureInfo.InvariantCulture, out int given) ? given : UsualPoints;
        return middle.Length <= most ? [.. middle] : [.. Enumerable.Range(0, most).Select(i => middle[i * middle.Length / most])];
    }
}
