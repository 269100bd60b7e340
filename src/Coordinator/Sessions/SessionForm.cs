using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Sessions;

/// <summary>How a model wants its inputs.</summary>
/// <param name="Shape">Of its data.</param>
/// <param name="Scales">The units of its numbers; null for those of the files.</param>
/// <param name="Reader">Reads examples.</param>
internal sealed record SessionForm(TaskShape Shape, ValueScales? Scales, IExampleReader Reader)
{
    /// <summary>Of a model.</summary>
    /// <exception cref="Core.ConfigurationException">Nobody has examples of its kind of data.</exception>
    public static SessionForm Of(ModelFile model) => new(model.Shape, model.Data?.Scales, model.Options.ExampleReader(model.Shape.Input, model.Data));

    /// <summary>Of a model file.</summary>
    /// <exception cref="Core.DataException">It is no model of this version.</exception>
    public static SessionForm Of(ReadOnlyMemory<byte> model) => Of(ModelFile.FromSafetensors(SafetensorsReader.Read(model, "The session's model"), "The session's model"));
}
