using System.CommandLine;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Safetensors;
using MetaMap.Core.Training;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap evaluate</c>: few-shot accuracy of a model file or of a live run.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        Command command = new("evaluate", "Few-shot accuracy of a model file or a live run on classes never trained on, with a 95% interval.");
        Option<string?> file = new("--file") { Description = "Model file (model.safetensors); default: the current model of the coordinator at --url." };
        Option<string?> run = CommonOptions.Run();
        Option<string> url = CommonOptions.Url();
        Option<string?> data = CommonOptions.Data();
        Option<int> episodes = new("--episodes") { Description = "Test episodes.", DefaultValueFactory = _ => 600 };
        Option<int?> innerSteps = new("--eval-inner-steps") { Description = "Inner steps; default: the run's." };
        Option<int> threads = CommonOptions.Threads("Lanes, each on a thread of its own.");
        Option<bool> json = CommonOptions.Json();
        foreach (Option option in new Option[] { file, run, url, data, episodes, innerSteps, threads, json })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            ModelFile model = parsed.GetValue(file) is { } path
                ? ModelFile.Read(path) : await Fetch(parsed.GetValue(url)!, parsed.GetValue(run), cancellation);
            RunOptions options = model.Options with
            {
                EvalEpisodes = parsed.GetValue(episodes),
                EvalInnerSteps = parsed.GetValue(innerSteps) ?? model.Options.EvalInnerSteps,
            };
            options.Validate();
            IEpisodeDataset dataset = DatasetRegistry.Open(options.Dataset, parsed.GetValue(data));
            Reporter reporter = new(parsed.GetValue(json));
            AccuracySummary summary = TestAccuracy.Measure(options, dataset, model.Parameters, parsed.GetValue(threads), reporter, cancellation);
            reporter.Event(
                new
                {
                    Event = "evaluated",
                    model.RunId,
                    model.Iteration,
                    ModelSha256 = model.Parameters.Sha256,
                    TestAccuracy = summary.TransductiveAccuracyFraction.Mean,
                    TestCi95 = summary.TransductiveAccuracyFraction.HalfWidth95,
                    TestAccuracyInductive = summary.InductiveAccuracyFraction.Mean,
                    TestCi95Inductive = summary.InductiveAccuracyFraction.HalfWidth95,
                    TestEpisodes = summary.Episodes,
                    TestLoss = summary.MeanQueryLoss,
                },
                $"iteration {model.Iteration} of run {model.RunId}\n{TestAccuracy.Describe(options, summary)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<ModelFile> Fetch(string url, string? run, CancellationToken cancellation)
    {
        using CoordinatorClient client = new(url);
        byte[] bytes = await client.Download(run is null ? "api/model" : $"api/runs/{Uri.EscapeDataString(run)}/model", cancellation);
        return ModelFile.FromSafetensors(SafetensorsReader.Read(bytes, "The coordinator's answer"), "The coordinator's answer");
    }
}
