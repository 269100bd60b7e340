using System.CommandLine;
using System.Security.Cryptography;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap model</c>: downloads or describes the current meta-model, while training goes on.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        Command command = new("model", "Downloads (--out) or describes the current meta-model of a coordinator, or a stored version of it.");
        Option<string?> output = CommonOptions.Output("--out", "File to write, as safetensors.");
        Option<string?> run = CommonOptions.Run();
        Option<int?> version = new("--version") { Description = "A stored version (iteration); default: the current one." };
        Option<bool> json = CommonOptions.Json();
        command.Example("what the current model is", "model");
        command.Example("download it, in the middle of training", "model --out m.safetensors");
        command.Add(OptionGroups.Model, run, version);
        command.Add(OptionGroups.Output, output, json);
        ClientOptions client = new(command);
        version.Check(wanted =>
        {
            if (wanted < 0)
            {
                throw new ConfigurationException($"--version is {wanted}, but versions are iterations, from 0 on.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            Reporter reporter = new(parsed.GetValue(json));
            string path = parsed.GetValue(run) is { } name ? $"{RunUrl.Of(name)}/model" : "api/model";
            string query = parsed.GetValue(version) is { } wanted ? $"?version={wanted}" : "";
            if (parsed.GetValue(output) is { } file)
            {
                byte[] bytes = await coordinator.Download(path + query, cancellation);
                ModelFile model = ModelFile.FromSafetensors(SafetensorsReader.Read(bytes, "The coordinator's answer"), "The coordinator's answer");
                DurableFile.Write(file, bytes);
                string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
                reporter.Event(
                    new { Event = "model", model.RunId, Version = model.Iteration, ModelSha256 = model.Parameters.Sha256, File = file, FileSha256 = sha256, LengthBytes = bytes.Length },
                    $"{file}: iteration {model.Iteration} of run {model.RunId}, {model.Parameters.Layout.Length:N0} parameters\n  sha256 of its parameters  {model.Parameters.Sha256}\n  sha256 of the file        {sha256}");
            }
            else
            {
                ModelInfoBody info = await coordinator.Get<ModelInfoBody>($"{path}/info{query}", cancellation);
                reporter.Event(info, $"run {info.RunId}, iteration {info.Version}: {info.Model}, {info.Parameters:N0} parameters, sha256 of its parameters {info.ModelSha256}");
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
