using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Data;
using MetaMap.Learning.Adaptation;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap adapt</c>: adapts a meta-model to somebody's own examples and labels others.</summary>
internal static class AdaptCommand
{
    public static Command Create()
    {
        Command command = new("adapt", "Adapts a meta-model to your own examples, and labels others (or predicts their values).");
        Option<string> support = new("--support") { HelpName = "PATH", Description = "Examples to adapt to: a folder of images in a folder for each label, a file of labels and texts, or a table of ratings or rows.", Required = true };
        Option<string?> query = new("--query") { HelpName = "PATH", Description = "Examples to label: a folder of images, or one, a file of one text a line, or a table; where the answers are known, how right they are is told." };
        Option<int?> innerSteps = new("--inner-steps", "--steps") { Description = "Inner steps; default: those of the run's evaluation." };
        Option<string?> output = CommonOptions.Output("--out", "File to keep the adapted model in; metamap predict uses it without the examples.");
        command.Example("label the images of others by a few examples of each label", "adapt --file m.safetensors --support mine --query others");
        command.Example("keep the adapted model, from a run that is training", "adapt --support mine --out adapted.safetensors");
        command.Add(OptionGroups.Data, support, query);
        ModelSource source = new(command);
        command.Add(OptionGroups.Algorithm, innerSteps);
        command.Add(OptionGroups.Output, output);
        DeviceOptions devices = new(command);
        PredictionOptions predictions = new(command);
        innerSteps.CheckAtLeast(0, "--inner-steps must be 0 or more.");
        innerSteps.Check(steps =>
        {
            if (steps > IAdaptsInEvaluation.MostInnerSteps)
            {
                throw new ConfigurationException($"--inner-steps is {steps}, but it must be {IAdaptsInEvaluation.MostInnerSteps} or less.");
            }
        });
        command.RefuseOver(output, source.File);
        command.Check(given =>
        {
            if (given.GetValue(query) is null && given.GetValue(output) is null)
            {
                throw new ConfigurationException("adapt needs --query with examples to label, or --out with a file to keep the adapted model in, or both.");
            }

            if (given.GetValue(query) is null && predictions.Given(given) is { } form)
            {
                throw new ConfigurationException($"Without --query nothing is predicted, so {form} would do nothing; leave it out, or name examples to label with --query.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            ModelFile model = await source.Read(parsed, cancellation);
            var own = OwnExamples.Of(model.Options, model.Shape.Input, model.Data);
            var examples = SupportSet.Of(model.Shape, model.Data?.Scales, own.Read(parsed.GetValue(support)!), parsed.GetValue(support)!);
            ImmutableArray<GivenExample> queries = parsed.GetValue(query) is { } path ? own.Read(path) : [];
            long began = Stopwatch.GetTimestamp();
            AdaptedFile adapted = ModelAdapter.Adapt(model, examples.Examples, examples.Labels, parsed.GetValue(innerSteps), devices.Find(parsed).All[0], cancellation);
            double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (parsed.GetValue(output) is { } file)
            {
                DurableFile.Write(file, adapted.ToSafetensors());
            }

            Notice.Say(string.Create(CultureInfo.InvariantCulture,
                $"adapted {model.RunId} of iteration {model.Iteration} to {examples.Examples.Inputs.Length / model.Shape.Input.Length} examples{(examples.Labels.IsEmpty ? "" : $" of {examples.Labels.Length} labels")} in {milliseconds:F0} ms{(parsed.GetValue(output) is { } kept ? $", kept in {kept}" : "")}"));
            predictions.Write(parsed, adapted, queries);
            return ExitCode.Ok;
        });
        return command;
    }
}
