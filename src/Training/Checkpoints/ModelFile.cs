using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Checkpoints;

/// <summary>A meta-model as it is published and stored: parameters and what they were trained for, as safetensors.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Committed iterations: the version.</param>
/// <param name="Options">The options that it was trained with.</param>
/// <param name="Shape">The shape of the data.</param>
/// <param name="Parameters">The meta-parameters.</param>
public sealed record ModelFile(string RunId, int Iteration, RunOptions Options, TaskShape Shape, ParameterVector Parameters)
{
    private const string Format = "metamap-model";

    /// <summary>The data that it was trained on; null in files of older versions.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>The meta-model of a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="options">Its options.</param>
    /// <param name="shape">The shape of its data.</param>
    /// <param name="data">Its data; null where an older version stored it.</param>
    /// <param name="state">A state of it.</param>
    /// <param name="isFinal">Whether the run is finished with this state: then the model is the best version, if one was selected.</param>
    public static ModelFile Of(string runId, RunOptions options, TaskShape shape, TrainingData? data, MetaState state, bool isFinal)
    {
        (int iteration, ParameterVector parameters) = isFinal && state.Selection is { } selection
            ? (selection.BestIteration, selection.BestParameters) : (state.Iteration, state.Parameters);
        (string, object?)[] ofData = [.. options.DatasetDefinition.FromData(options.Of<DatasetOptions>(), shape.Input).Select(option => (option.Key, (object?)option.Value))];
        return new ModelFile(runId, iteration, ofData.Length > 0 ? options.With(ofData) : options, shape, parameters) { Data = data };
    }

    /// <summary>The state of a run that is at this model, with an optimiser that has not made a step.</summary>
    public MetaState Begin() => new(Iteration, Parameters, Options.CreateMetaOptimizer().CreateState(Parameters.Layout));

    /// <summary>Encodes the model; one tensor per parameter, the rest as metadata.</summary>
    public byte[] ToSafetensors() => [.. Head(), .. Parameters.Bytes];

    /// <summary>The encoded model as a stream, without a copy of its parameters.</summary>
    public Stream OpenSafetensors() => new ModelStream(Head(), Parameters);

    /// <summary>Decodes and checks a model.</summary>
    /// <param name="content">From the safetensors reader.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="DataException">Not a MetaMap model, damaged, or with tensors that do not fit the model that it names.</exception>
    public static ModelFile FromSafetensors(SafetensorsContent content, string source)
    {
        if (!content.Metadata.TryGetValue("options", out string? json)
            || !content.Metadata.TryGetValue("run_id", out string? runId)
            || !content.Metadata.TryGetValue("iteration", out string? iterationText)
            || !int.TryParse(iterationText, CultureInfo.InvariantCulture, out int iteration)
            || !TryParseShape(content.Metadata, out TaskShape shape))
        {
            throw new DataException(
                $"{source} is a safetensors file but not a MetaMap model: its metadata lacks run_id, iteration, input, target_length, training_classes or options; use a model.safetensors that metamap wrote.");
        }

        RunOptions options;
        ParameterLayout layout;
        try
        {
            options = RunOptionsJson.ReadStored(json, $"the metadata of {source}");
            layout = shape.Schema(options).Layout;
        }
        catch (ConfigurationException error)
        {
            throw new DataException($"{source} was trained with options that this version does not know: {error.Message}", error);
        }

        ParameterVector parameters = ParameterSafetensors.Decode("", layout, content, source);
        return content.Metadata.GetValueOrDefault("model_sha256") == parameters.Sha256
            ? new ModelFile(runId, iteration, options, shape, parameters) { Data = ReadData(content.Metadata, source) }
            : throw new DataException($"{source} is damaged: its parameters do not have the SHA-256 that its metadata names; fetch it again.");
    }

    /// <summary>Whether a file says that it is a meta-model.</summary>
    public static bool IsOne(SafetensorsContent content) => content.Metadata.GetValueOrDefault("format") == Format;

    /// <summary>Reads a model file.</summary>
    /// <exception cref="DataException">The file cannot be read or is not a complete MetaMap model.</exception>
    public static ModelFile Read(string path) => FromSafetensors(SafetensorsReader.ReadFile(path), path);

    private static TrainingData? ReadData(ImmutableDictionary<string, string> metadata, string source)
    {
        try
        {
            return !metadata.TryGetValue("data", out string? json) ? null
                : JsonSerializer.Deserialize<TrainingData>(json, RunOptionsJson.Conventions) is { IsWhole: true } data ? data
                : throw new JsonException("lacks a digest or names");
        }
        catch (JsonException error)
        {
            throw new DataException($"{source} is damaged: what it says about its data {RunOptionsJson.Explain(error, "what a model says about its data")}; fetch it again.", error);
        }
    }

    private byte[] Head() => SafetensorsWriter.Head(
        Parameters.Layout.Entries.Select(entry => (entry.Name, TensorType.F32, ParameterSafetensors.ShapeOf(entry))),
        (Data is null ? ImmutableDictionary<string, string>.Empty
            : ImmutableDictionary<string, string>.Empty.Add("data", JsonSerializer.Serialize(Data, RunOptionsJson.Conventions)))
            .Add("format", Format)
            .Add("run_id", RunId)
            .Add("iteration", Iteration.ToString(CultureInfo.InvariantCulture))
            .Add("input", Shape.Input.ToString())
            .Add("target_length", Shape.TargetLength.ToString(CultureInfo.InvariantCulture))
            .Add("training_classes", Shape.TrainingClasses.ToString(CultureInfo.InvariantCulture))
            .Add("options", RunOptionsJson.Write(Options))
            .Add("model_sha256", Parameters.Sha256));

    private static bool TryParseShape(ImmutableDictionary<string, string> metadata, out TaskShape shape)
    {
        bool read = InputShape.TryParse(metadata.GetValueOrDefault("input"), out InputShape input)
            & int.TryParse(metadata.GetValueOrDefault("target_length"), NumberStyles.None, CultureInfo.InvariantCulture, out int targets)
            & int.TryParse(metadata.GetValueOrDefault("training_classes"), NumberStyles.None, CultureInfo.InvariantCulture, out int classes);
        shape = new TaskShape(input, targets, classes);
        return read;
    }
}
