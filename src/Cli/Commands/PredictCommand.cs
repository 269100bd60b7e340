using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap predict</c>: labels examples with an adapted model.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        Command command = new("predict", "Labels examples (or predicts their values) with a model that metamap adapt --out has kept.");
        Option<string> file = new("--file") { HelpName = "FILE", Description = "The adapted model.", Required = true };
        Option<string> query = new("--query") { HelpName = "PATH", Description = "Examples to label: a folder of images, or one, a file of one text a line, or a table.", Required = true };
        command.Example("label images with what adapt --out has kept", "predict --file adapted.safetensors --query others");
        command.Add(OptionGroups.Model, file);
        command.Add(OptionGroups.Data, query);
        DeviceOptions devices = new(command);
        PredictionOptions predictions = new(command);
        command.SetAction(parsed =>
        {
            var adapted = AdaptedFile.Read(parsed.GetValue(file)!);
            var own = OwnExamples.Of(adapted.Options, adapted.Input, adapted.Data);
            predictions.Write(parsed, adapted, own.Read(parsed.GetValue(query)!), devices.Find(parsed).All[0]);
            return ExitCode.Ok;
        });
        return command;
    }
}
