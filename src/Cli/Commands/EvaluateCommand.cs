using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap evaluate</c>: few-shot accuracy (or squared error) of a model file or of a live run.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<int> _episodes = new("--episodes") { Description = "Episodes.", DefaultValueFactory = _ => 600 };
    private static readonly Option<int?> _innerSteps = new("--eval-inner-steps", "--inner-steps") { Description = "Inner steps; default: the run's." };
    private static readonly Option<int?> _queries = new("--queries") { Description = "Query examples per class (per episode for regression); default: the run's." };
    private static readonly Option<string> _part = new("--part") { HelpName = "PART", Description = "Classes to draw from: test, validation, train, or (without --on-cluster) all that the model was never trained on.", DefaultValueFactory = _ => "test" };
    private static readonly Option<bool> _perStep = new("--per-step") { Description = "Measure after every inner step." };
    private static readonly Option<int?> _confusion = new("--confusion") { Description = "Show the confusion matrix of this episode, from 0." };
    private static readonly Option<bool> _onCluster = new("--on-cluster") { Description = "The workers of the coordinator at --url evaluate the live run; same figures." };
    private static readonly Option<int> _threads = CommonOptions.Threads("Lanes, each on a thread of its own.");
    private static readonly Option<bool> _json = CommonOptions.Json();

    private const int MostEpisodes = 1_000_000;

    public static Command Create()
    {
        Command command = new("evaluate", "Few-shot accuracy (squared error for regression) of a model file or a live run on classes never trained on, with a 95% interval.");
        command.Example("a model file, on classes that it never saw", "evaluate --file m.safetensors");
        command.Example("the run that was started last, on its coordinator's workers", "evaluate --on-cluster --episodes 600");
        command.Add(OptionGroups.Data, _data, _part);
        command.Add(OptionGroups.Evaluation, _episodes, _queries, _innerSteps, _perStep, _confusion);
        command.Add(OptionGroups.Computing, _onCluster, _threads);
        command.Add(OptionGroups.Output, _json);
        _part.CompletionSources.Add("test", "validation", "train", EvaluationParts.All);
        _episodes.CheckAtLeast(1, "--episodes must be 1 or more.");
        _episodes.Check(episodes =>
        {
            if (episodes > MostEpisodes)
            {
                throw new ConfigurationException($"--episodes is {episodes}, but it must be {MostEpisodes} or less.");
            }
        });
        _part.Check(part => _ = part == EvaluationParts.All ? SplitPart.Test : EvaluationParts.Read(part!));
        _confusion.Check(index =>
        {
            if (index < 0)
            {
                throw NoConfusion(index.Value);
            }
        });
        ModelSource source = new(command);
        DeviceOptions devices = new(command, _threads);
        command.RefuseWith(
            _onCluster, "the coordinator's workers evaluate its live run on the run's own kind of episodes, in figures only",
            [source.File, _data, _queries, _perStep, _confusion, _threads, .. devices.All]);
        command.SetAction((parsed, cancellation) => parsed.GetValue(_onCluster) ? OnCluster(parsed, source, cancellation) : Here(parsed, source, devices, cancellation));
        return command;
    }

    private static async Task<int> Here(ParseResult parsed, ModelSource source, DeviceOptions deviceOptions, CancellationToken cancellation)
    {
        if (parsed.GetValue(_confusion) is { } confused && confused >= parsed.GetValue(_episodes))
        {
            throw new ConfigurationException($"--confusion is {confused}, but --episodes is {parsed.GetValue(_episodes)} and they count from 0; name one of these, or ask for more.");
        }

        ModelFile model = await source.Read(parsed, cancellation);
        RequireForm(parsed, model.Options);
        RunOptions options = model.Options.Supervised is not null ? model.Options : model.Options.With(
            ("eval_episodes", parsed.GetValue(_episodes)), ("queries", parsed.GetValue(_queries) ?? model.Options.Queries));
        options = parsed.GetValue(_innerSteps) is { } innerSteps ? options.With(("eval_inner_steps", innerSteps)) : options;
        // With the run's own options, so that the same classes are left out as in training, and the split is the run's.
        IEpisodeDataset dataset = CommonOptions.OpenDataset(model.Options, parsed.GetValue(_data), model.Data);
        var drawn = EvaluationEpisodes.Of(options, model.Data, dataset.Catalog, parsed.GetValue(_part)!);
        bool isRegression = dataset.Catalog.IsRegression;
        if (isRegression && parsed.GetValue(_confusion) is { } wanted)
        {
            throw NoConfusion(wanted);
        }

        Reporter reporter = new(parsed.GetValue(_json));
        ComputeDevices devices = deviceOptions.Find(parsed);
        ImmutableArray<EvaluationResult> steps = TestMeasures.Measure(
            options, dataset, devices, $"The model of iteration {model.Iteration} of run {model.RunId}", model, drawn, parsed.GetValue(_perStep), parsed.GetValue(_threads), reporter,
            cancellation);
        EvaluationBody summary = EvaluationBody.From(model.RunId, model.Iteration, model.Parameters.Sha256, drawn.Name, isRegression, steps[^1]);
        new EvaluationReport(reporter).Write(
            summary, TestMeasures.Describe(options, summary), drawn.Notice,
            parsed.GetValue(_perStep) ? steps : null,
            parsed.GetValue(_confusion) is { } index ? (index, Confuse(options, dataset, devices, model, drawn[index])) : null);
        return ExitCode.Ok;
    }

    private static async Task<int> OnCluster(ParseResult parsed, ModelSource source, CancellationToken cancellation)
    {
        using CoordinatorClient coordinator = source.Client.Connect(parsed, Timeout.InfiniteTimeSpan);
        ModelInfoBody info = await coordinator.Get<ModelInfoBody>(
            parsed.GetValue(source.Run) is { } named ? $"{RunUrl.Of(named)}/model/info" : "api/model/info", cancellation);
        RunBody run = await coordinator.Get<RunBody>(RunUrl.Of(info.RunId), cancellation);
        RequireForm(parsed, run.Options);
        if (!(await coordinator.Get<WorkerBody[]>("api/workers", cancellation)).Any(worker => worker.IsReady))
        {
            Notice.Say("no worker is ready; the run is evaluated when one joins");
        }

        EvaluationBody summary = await coordinator.Post<EvaluationBody>(
            $"{RunUrl.Of(info.RunId)}/evaluate",
            new EvaluateBody(run.Options.Supervised is null ? parsed.GetValue(_episodes) : null, parsed.GetValue(_innerSteps), parsed.GetValue(_part)), cancellation);
        new EvaluationReport(new Reporter(parsed.GetValue(_json))).Write(summary, TestMeasures.Describe(run.Options, summary), null, null, null);
        return ExitCode.Ok;
    }

    // A supervised model has no episodes to choose the form of.
    private static void RequireForm(ParseResult parsed, RunOptions options)
    {
        if (options.Supervised is not null && new Option[] { _episodes, _innerSteps, _queries, _perStep, _confusion }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new ConfigurationException($"A supervised model is measured on every example of a part once, without episodes and inner steps, so {given.Name} would do nothing; leave it out.");
        }

        if (options.Find<IAdaptsInEvaluation>() is null && new Option[] { _innerSteps, _perStep }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } steps)
        {
            throw new ConfigurationException($"{options.Algorithm} has no inner steps, so {steps.Name} would do nothing; leave it out.");
        }
    }

    private static ConfigurationException NoConfusion(int wanted) =>
        new($"--confusion is {wanted}, but it must be the index of an episode with classes, 0 or more.");

    private static ConfusionMatrix Confuse(RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, ModelFile model, Episode episode)
    {
        using EpisodeLearner learner = devices.NextLearner(options, dataset, model.Shape);
        return ConfusionMatrix.Of(dataset.Catalog, episode, learner.Predict(model.Parameters, episode, options.EvalInnerSteps));
    }
}
