using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Export;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap export</c>: writes an adapted model for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Command command = new("export", "Writes a model that metamap adapt --out has kept as an ONNX file, which runs without MetaMap.");
        Option<string?> file = new("--file") { HelpName = "FILE", Description = "The adapted model.", Required = true };
        Option<string?> output = CommonOptions.Output("--out", "ONNX file to write.");
        output.Required = true;
        command.Example("an adapted model for other programs", "export --file adapted.safetensors --out adapted.onnx");
        command.Add(OptionGroups.Model, file);
        command.Add(OptionGroups.Output, output);
        command.RefuseOver(output, file);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            SafetensorsContent content = SafetensorsReader.ReadFile(path);
            if (ModelFile.IsOne(content))
            {
                throw new DataException($"{path} is a meta-model, which knows no labels before it is adapted: keep an adapted one with metamap adapt --out, and export that.");
            }

            byte[] bytes = OnnxFile.Of(AdaptedFile.FromSafetensors(content, path));
            DurableFile.Write(parsed.GetValue(output)!, bytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(output)}: {bytes.Length:N0} bytes of ONNX"));
            return ExitCode.Ok;
        });
        return command;
    }
}
