using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Learning;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap gradient</c>: the meta-gradient of one episode, from files or replayed from a run's directory.</summary>
internal static class GradientCommand
{
    public static Command Create()
    {
        Command command = new("gradient", "Meta-gradient of one episode: of a safetensors file (to check against other frameworks), or replayed from a run's directory.");
        Option<string?> model = new("--model") { HelpName = "FILE", Description = "Model file; its options are the defaults of the others." };
        Option<string?> episode = new("--episode") { HelpName = "FILE|N", Description = "Episode file (support_inputs, support_targets, query_inputs, query_targets); with --run the episode's index in its meta-batch." };
        Option<string?> output = CommonOptions.Output("--out", "File to write the gradient to, as safetensors.");
        Option<string?> run = new("--run") { HelpName = "DIR", Description = "Directory of a run to replay an episode of." };
        Option<int?> iteration = new("--iteration") { Description = "Meta-iteration, from 1; with --model the default is the one after the model's." };
        Option<string?> export = CommonOptions.Output("--export", "With --run: file to write the episode to, as safetensors.");
        Option<string?> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        command.Example("replay the first episode of a run, and write it as a file", "gradient --run DIR --iteration 1 --episode 0 --export e.safetensors");
        command.Example("of that file, to compare with another framework", "gradient --model m.safetensors --episode e.safetensors");
        command.Add(OptionGroups.Data, episode, run, iteration, data);
        command.Add(OptionGroups.Model, model);
        command.Add(OptionGroups.Output, output, export, json);

        DeviceOptions devices = new(command);
        RunOptionSet runOptions = new(command, IsOffered);
        command.Check(given =>
        {
            if (given.GetValue(run) is null == given.GetValue(model) is null || string.IsNullOrWhiteSpace(given.GetValue(episode)))
            {
                throw new ConfigurationException("gradient needs --episode, and either --model with a file or --run with a directory, not both.");
            }

            if (given.GetValue(export) is { } exported && given.GetValue(output) is { } written && Path.GetFullPath(exported) == Path.GetFullPath(written))
            {
                throw new ConfigurationException($"--export and --out are both {exported}, but they are two files.");
            }
        });
        command.RefuseWith(model, "the episode is read from a file, not from a run", export, data);
        command.SetAction(parsed =>
        {
            RunOptions Read(RunOptions stored) => runOptions.Read(parsed, stored, forgetUnread: true);
            GradientTask task = parsed.GetValue(run) is { } directory
                ? GradientTask.OfRun(new RunDirectory(directory), parsed.GetValue(iteration), parsed.GetValue(episode)!, parsed.GetValue(data), Read)
                : GradientTask.OfFiles(parsed.GetValue(model)!, parsed.GetValue(episode)!, parsed.GetValue(iteration), Read);
            if (parsed.GetValue(export) is { } file)
            {
                DurableFile.Write(file, task.Content.ToSafetensors(task.Origin));
            }

            Write(new Reporter(parsed.GetValue(json)), task, task.Compute(devices.Find(parsed).All[0]), parsed.GetValue(output));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Reporter reporter, GradientTask task, EpisodeGradient gradient, string? output)
    {
        if (output is not null)
        {
            ImmutableDictionary<string, string> metadata = task.Origin
                .SetItem("format", "metamap-gradient")
                .SetItem("options", RunOptionsJson.Write(task.Options))
                .SetItem("model_sha256", task.Parameters.Sha256)
                .SetItem("query_loss", gradient.QueryLoss.ToString("R", CultureInfo.InvariantCulture));
            metadata = gradient.QueryAccuracyFraction is { } accuracy
                ? metadata.SetItem("query_accuracy", accuracy.ToString("R", CultureInfo.InvariantCulture)) : metadata;
            DurableFile.Write(output, SafetensorsWriter.Write(new SafetensorsContent(gradient.Gradient, metadata)));
        }

        double norm = gradient.Norm;
        reporter.Event(
            new
            {
                Event = "gradient",
                task.Options.Algorithm,
                task.Iteration,
                ModelSha256 = task.Parameters.Sha256,
                Dtype = task.Content.IsDouble ? "float64" : "float32",
                QueryLoss = Figures.Finite(gradient.QueryLoss),
                QueryAccuracy = gradient.QueryAccuracyFraction,
                GradientNorm = Figures.Finite(norm),
                IsFinite = double.IsFinite(gradient.QueryLoss) && double.IsFinite(norm),
                File = output,
            },
            string.Create(CultureInfo.InvariantCulture,
                $"{task.Options.Algorithm}, iteration {task.Iteration}, {(task.Content.IsDouble ? "float64" : "float32")}: query loss {gradient.QueryLoss:G9}")
            + (gradient.QueryAccuracyFraction is { } share ? $", accuracy {Figures.Percent(share)}" : "")
            + string.Create(CultureInfo.InvariantCulture, $", gradient norm {norm:G9}") + (output is null ? "" : $", written to {output}"));
    }

    // Offers what an algorithm or a part of it reads in training; the rest belongs to the model and cannot change.
    private static bool IsOffered(string flag) => flag == "--algorithm" || flag != "--eval-inner-steps" && PartRegistry.Algorithms.All
        .SelectMany(algorithm => algorithm.Choices.Prepend(algorithm)).SelectMany(part => OptionSchema.Of(part.Options.GetType()))
        .Any(option => option.Flag == flag);
}
