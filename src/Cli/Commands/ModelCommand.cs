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
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap model</c>: downloads or describes the current meta-model, while training goes on.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        Command command = new("model", "Downloads (--out) or describes the current meta-model of a coordinator, or a stored version of it, or describes a model file (--file).");
        Option<string?> output = CommonOptions.Output("--out", "File to write, as safetensors.");
        Option<int?> version = new("--version") { Description = "A stored version (iteration); default: the current one." };
        Option<bool> json = CommonOptions.Json();
        command.Example("what the current model is", "model");
        command.Example("download it, in the middle of training", "model --out m.safetensors");
        command.Example("what a model file holds", "model --file runs/NAME/model.safetensors");
        ModelSource source = new(command);
        command.Add(OptionGroups.Model, version);
        command.Add(OptionGroups.Output, output, json);
        command.RefuseWith(source.File, "that file is described", version, output);
        version.Check(wanted =>
        {
            if (wanted < 0)
            {
                throw new ConfigurationException($"--version is {wanted}, but versions are iterations, from 0 on.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            Reporter reporter = new(parsed.GetValue(json));
            if (parsed.GetValue(source.File) is { } described)
            {
                Describe(reporter, described, ModelFile.Read(described));
                return ExitCode.Ok;
            }

            using CoordinatorClient coordinator = source.Client.Connect(parsed);
            string path = parsed.GetValue(source.Run) is { } name ? $"{RunUrl.Of(name)}/model" : "api/model";
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

    private static void Describe(Reporter reporter, string file, ModelFile model)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        RunOptions options = model.Options;
        string data = model.Data is { } seen ? $"{options.Dataset}, digest {Digests.Abbreviate(seen.Digest)}{(seen.Train.IsEmpty ? "" : $", {seen.Train.Length:N0} classes or tasks, such as {seen.Train[0]}")}" : $"{options.Dataset}; the file does not say which";
        reporter.Event(
            new
            {
                Event = "model", File = file, Info = ModelInfoBody.Of(model), options.Algorithm, options.Dataset, EpisodeShape = options.EpisodeShape.ToString(),
                DataSha256 = model.Data?.Digest, FileSha256 = sha256,
            },
            $"{file}: iteration {model.Iteration} of run {model.RunId}\n  network                   {options.Model}, {model.Parameters.Layout.Length:N0} parameters\n"
                + $"  trained                   {options.Algorithm} {options.EpisodeShape}\n  on                        {data}\n"
                + $"  sha256 of its parameters  {model.Parameters.Sha256}\n  sha256 of the file        {sha256}");
    }
}
