using System.Text.Json;

namespace MetaMap.Cli.Tests.Training;

/// <summary>Runs that go on: what they say of what has changed, and what keeps them from it.</summary>
public sealed class ResumeTests : TrainedRuns
{
    /// <summary>What a user does with a model later: goes on without naming the data again, and measures it on own labels, some of them trained on.</summary>
    [Fact]
    public async Task Train_ResumedThenEvaluatedOnOtherData_KnowsWhatItWasTrainedOn()
    {
        string[] Texts(IEnumerable<string> labels) => [.. labels.SelectMany(label => Enumerable.Range(0, 4).Select(i => $"{label}\ttext {i} of {label}"))];
        string file = Write("texts.tsv", Texts(Enumerable.Range(0, 15).Select(i => $"label{i}")));
        JsonElement first = await Train("--dataset", "text", "--data", file, "--ways", "3", "--buckets", "64");
        Assert.False(first.TryGetProperty("notice", out _));
        JsonElement result = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(Folder, "run", "result.json")));
        Assert.Equal(first.GetProperty("test_accuracy").GetDouble(), result.GetProperty("test_accuracy").GetDouble());
        Assert.Equal("n-gram TF-IDF centroid", result.GetProperty("baselines")[0].GetProperty("name").GetString());

        MetamapCommand resumed = await MetamapCommand.Run("train", "--resume", Path.Combine(Folder, "run"), "--iterations", "3", "--json");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);

        string own = Write("own.tsv", Texts(Enumerable.Range(0, 15).Select(i => $"label{i}").Concat(["one", "two", "three"])));
        MetamapCommand call = await MetamapCommand.Run(
            "evaluate", "--file", Path.Combine(Folder, "run", "model.safetensors"), "--data", own, "--part", "all", "--episodes", "5", "--json");
        Assert.True(call.ExitCode == 0, call.Errors);
        JsonElement evaluated = JsonSerializer.Deserialize<JsonElement>(call.Output);
        Assert.Equal("all", evaluated.GetProperty("part").GetString());
        Assert.EndsWith(": 9 of its 18 classes are evaluated, 9 were trained on or chose the model's version and are left out", evaluated.GetProperty("notice").GetString(), StringComparison.Ordinal);

        File.Delete(file);
        File.Move(own, file);
        MetamapCommand other = await MetamapCommand.Run("train", "--resume", Path.Combine(Folder, "run"), "--iterations", "4");
        Assert.Equal(4, other.ExitCode);
        Assert.Contains("was trained on text ", other.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_WithAnotherLengthOfItsCosine_SaysThatTheRateChanges()
    {
        string run = Path.Combine(Folder, "run");
        await Train("--filters", "2", "--meta-lr-final", "0.0001");
        MetamapCommand call = await MetamapCommand.Run("train", "--resume", run, "--iterations", "3", "--eval-episodes", "0", "--http-port", "0");
        Assert.Equal((0, "metamap: The first 2 iterations were trained along the cosine of 2; from now on --meta-lr follows that of 3 to 0.0001, "
            + "so the model will be another than that of one run of 3 iterations."), (call.ExitCode, Sentence(call)));
        // Progress is none of the results.
        Assert.Contains("\niteration 3/3  loss ", call.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("iteration 3/3", call.Output, StringComparison.Ordinal);
    }

    /// <summary>There is nothing to do, and so nothing is done twice; more iterations, or another measurement, are something.</summary>
    [Fact]
    public async Task Resume_OfAFinishedRun_SaysSoInOneSentenceAndChangesNothing()
    {
        string run = Path.Combine(Folder, "run");
        JsonElement first = await Train("--filters", "2");
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(run, "result.json"));
        MetamapCommand call = await MetamapCommand.Run("train", "--resume", run);
        Assert.Equal(
            (0, $"run run is finished at iteration 2 of 2, and so is not trained further; more --iterations would let it go on; its test measures are in {Path.Combine(run, "result.json")}\n", ""),
            (call.ExitCode, call.Output, call.Errors));
        JsonElement again = JsonSerializer.Deserialize<JsonElement>((await MetamapCommand.Run("train", "--json", "--resume", run)).Output);
        foreach (string same in new[] { "event", "run_id", "iteration", "model_sha256", "file_sha256", "test_accuracy", "baselines", "directory" })
        {
            Assert.Equal(first.GetProperty(same).GetRawText(), again.GetProperty(same).GetRawText());
        }

        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(run, "result.json")));
        MetamapCommand measured = await MetamapCommand.Run("train", "--json", "--resume", run, "--eval-episodes", "4", "--http-port", "0");
        Assert.Equal(4, JsonSerializer.Deserialize<JsonElement>(measured.Output.Trim().Split('\n')[^1]).GetProperty("test_episodes").GetInt32());
    }

    /// <summary>Nothing is committed on top of a past that cannot be shown; without the damaged file the run goes on, and its journal says from where.</summary>
    [Fact]
    public async Task Resume_JournalIsDamaged_IsRefusedUntilItIsMovedAway()
    {
        string run = Path.Combine(Folder, "run");
        string journal = Path.Combine(run, "journal.jsonl");
        await Train("--filters", "2");
        await File.AppendAllTextAsync(journal, "\u0001garbage\n");
        await MetamapCommand.AssertRefused(4, $"The journal {journal} is damaged: line ", "train", "--resume", run, "--iterations", "3");
        MetamapCommand audit = await MetamapCommand.Run("run", "audit", run);
        Assert.Equal(1, audit.ExitCode);
        Assert.Contains("is no journal entry: the journal is damaged, and what follows is not judged\nthe journal is damaged, and shows up to there: 2 commits up to iteration 2, ", audit.Output, StringComparison.Ordinal);

        File.Move(journal, journal + ".damaged");
        MetamapCommand resumed = await MetamapCommand.Run("train", "--resume", run, "--iterations", "3", "--eval-episodes", "0", "--http-port", "0");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Contains($"The journal {journal} is missing; a new one begins at iteration 2.", resumed.Errors, StringComparison.Ordinal);
        audit = await MetamapCommand.Run("run", "audit", run);
        Assert.Equal(0, audit.ExitCode);
        Assert.Contains("line 1 begins at iteration 2, and shows nothing of what was before: The journal ", audit.Output, StringComparison.Ordinal);
    }
}
