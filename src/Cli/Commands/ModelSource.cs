using System.CommandLine;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Commands;

/// <summary>Where a command takes the meta-model from: a file, or the live run of a coordinator.</summary>
internal sealed class ModelSource
{
    private readonly Option<string?> _file = new("--file") { HelpName = "FILE", Description = "Model file (model.safetensors); default: the current model of the coordinator at --url." };
    private readonly Option<string?> _run = CommonOptions.Run();
    private readonly ClientOptions _client;

    /// <summary>Adds the options to a command.</summary>
    public ModelSource(Command command)
    {
        command.Add(OptionGroups.Model, _file, _run);
        _client = new(command);
        command.RefuseWith(_file, "the model is read from that file and no coordinator is asked", [_run, .. _client.All]);
    }

    /// <summary>The option of the file.</summary>
    public Option<string?> File => _file;

    /// <summary>The option of the run.</summary>
    public Option<string?> Run => _run;

    /// <summary>The coordinator.</summary>
    public ClientOptions Client => _client;

    /// <summary>Reads the model.</summary>
    /// <exception cref="Core.DataException">It cannot be read, or is none.</exception>
    public async Task<ModelFile> Read(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_file) is { } path)
        {
            return ModelFile.Read(path);
        }

        using CoordinatorClient client = _client.Connect(parsed);
        string address = parsed.GetValue(_run) is { } run ? $"{RunUrl.Of(run)}/model" : "api/model";
        byte[] bytes = await client.Download(address, cancellation);
        return ModelFile.FromSafetensors(SafetensorsReader.Read(bytes, "The coordinator's answer"), "The coordinator's answer");
    }
}
