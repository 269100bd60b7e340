using System.Security.Cryptography;
using System.Text.Json;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Training;

/// <summary>A run of <c>train</c> that is finished, and measured where that was wanted.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Options">Its options.</param>
/// <param name="Directory">Where it is.</param>
/// <param name="State">Its last state.</param>
/// <param name="Model">What it has come to.</param>
/// <param name="Test">What that achieves on the test classes; null where it was not measured.</param>
internal sealed record FinishedRun(RunId RunId, RunOptions Options, RunDirectory Directory, MetaState State, ModelFile Model, EvaluationBody? Test)
{
    private bool IsStoppedEarly => State.Iteration < Options.Iterations;

    /// <summary>The run of a directory.</summary>
    /// <param name="training">Of its options.</param>
    /// <param name="directory">Where it is.</param>
    /// <returns>Null while something is left to train, to measure or to write.</returns>
    public static async Task<FinishedRun?> Find(MetaTraining training, RunDirectory directory)
    {
        RunId runId = new(training.RunId);
        if (await EarlierRuns.InFolder(Path.GetDirectoryName(directory.Path)!).Find(runId).ConfigureAwait(false) is not { Status: RunStatus.Finished }
            || directory.Load(training.Layout).State is not { } state || !training.IsFinished(state))
        {
            return null;
        }

        try
        {
            var model = ModelFile.Read(directory.ModelPath);
            EvaluationBody? test = File.Exists(directory.ResultPath)
                ? JsonSerializer.Deserialize<EvaluationBody>(await File.ReadAllBytesAsync(directory.ResultPath).ConfigureAwait(false), RunOptionsJson.Conventions) : null;
            bool isMeasured = training.Options is { EvalEpisodes: 0, Supervised: null } || test?.ModelSha256 == model.Parameters.Sha256;
            return isMeasured ? new FinishedRun(runId, training.Options, directory, state, model, test) : null;
        }
        catch (Exception error) when (error is DataException or IOException or UnauthorizedAccessException or JsonException)
        {
            // Written again by a run that is told to go on.
            return null;
        }
    }

    /// <summary>SHA-256 of the model file.</summary>
    public static string DigestOf(RunDirectory directory)
    {
        using FileStream file = File.OpenRead(directory.ModelPath);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Says what it has come to.</summary>
    /// <param name="reporter">Where.</param>
    /// <param name="episodesPerSecond">How fast it was trained.</param>
    public void Tell(Reporter reporter, double episodesPerSecond) => Tell(
        reporter, episodesPerSecond,
        (IsStoppedEarly ? $"stopped early at iteration {State.Iteration}: validation did not become better {Options.Patience} times in a row\n" : "")
            + (State.Selection is { } best ? $"best version on the validation classes: iteration {best.BestIteration}{Unmeasured(best)}\n" : "")
            + $"{(Test is null ? "not evaluated (--eval-episodes 0)" : TestMeasures.Describe(Options, Test))}\n"
            + (episodesPerSecond > 0 ? $"trained at {RunStanding.SpeedOf(episodesPerSecond, Options)}\n" : "")
            + $"model {Directory.ModelPath}\n  sha256 of its parameters  {Model.Parameters.Sha256}\n  sha256 of the file        {DigestOf(Directory)}");

    /// <summary>Says that nothing is left to do.</summary>
    public void TellAgain(Reporter reporter) => Tell(reporter, null,
        $"run {RunId} is finished at iteration {State.Iteration} of {Options.Iterations}, and so is not trained further; "
            + (IsStoppedEarly ? "validation no longer became better" : Options.Supervised is null ? "more --iterations would let it go on" : "more --epochs would let it go on")
            + (Test is null ? "" : $"; its test measures are in {Directory.ResultPath}"));

    private string Unmeasured(ModelSelection best) => best.LastIteration >= State.Iteration ? ""
        : $" (iterations after {best.LastIteration} were not measured: --validation-interval {Options.ValidationInterval})";

    private void Tell(Reporter reporter, double? episodesPerSecond, string text) => reporter.Event(
        new
        {
            Event = "finished",
            RunId = RunId.Value,
            State.Iteration,
            ModelSha256 = Model.Parameters.Sha256,
            FileSha256 = DigestOf(Directory),
            BestIteration = State.Selection?.BestIteration,
            StoppedEarly = IsStoppedEarly ? true : (bool?)null,
            Test?.TestAccuracy,
            Test?.TestCi95,
            Test?.TestAccuracyInductive,
            Test?.TestCi95Inductive,
            Test?.TestMse,
            Test?.TestMseInductive,
            TestEpisodes = Test is null ? 0 : Test.TestEpisodes,
            Test?.TestExamples,
            Test?.TestTasks,
            Test?.Baselines,
            BelowBaseline = Test is null ? (bool?)null : Test.Better is not null,
            EpisodesPerSecond = episodesPerSecond is { } rate ? Math.Round(rate, 2) : (double?)null,
            Directory = Directory.Path,
        }, text);
}
