using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using DataType = Onnx.TensorProto.Types.DataType;

namespace MetaMap.Cli.Export;

/// <summary>
/// An adapted model as an ONNX file. Its input <c>inputs</c> is in the units of the files: pixels from 0 to 1 [inputs, channels, height, width], numbers [inputs, length], or tokens (int64, [inputs,
/// length]). Its outputs are <c>logits</c> and <c>probabilities</c> [inputs, labels], or <c>values</c> [inputs, values] in the units of the files. Metadata: <c>labels</c> as JSON, <c>run_id</c>, <c>iteration</c>.
/// </summary>
internal static class OnnxFile
{
    /// <summary>Encodes a model.</summary>
    /// <exception cref="ConfigurationException">ONNX has no operators for its network.</exception>
    public static byte[] Of(AdaptedFile file)
    {
        OnnxGraph graph = new();
        string inputs = graph.Input("inputs", file.Input.Kind == InputKind.Tokens ? DataType.Int64 : DataType.Float, file.Input.Sizes);
        string outputs = new OnnxNetwork(graph, file).Outputs(InUnits(graph, file, inputs));
        if (file.TargetLength == 0)
        {
            graph.Output(outputs, "logits", file.Labels.Length);
            graph.Output(graph.Node("Softmax", [outputs], ("axis", 1)), "probabilities", file.Labels.Length);
        }
        else
        {
            graph.Output(file.Data?.Scales is { TargetMeans.IsEmpty: false } scales ? Moved(graph, "Add", Moved(graph, "Mul", outputs, "target.deviations", scales.TargetDeviations), "target.means", scales.TargetMeans) : outputs, "values", file.TargetLength);
        }

        return graph.ToFile([("labels", JsonSerializer.Serialize(file.Labels, RunOptionsJson.Conventions)), ("run_id", file.RunId), ("iteration", file.Iteration.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>From the units of the files to those of the model.</summary>
    private static string InUnits(OnnxGraph graph, AdaptedFile file, string inputs) => file switch
    {
        { Input.Kind: InputKind.Image } when file.Options.Of<DatasetOptions>() is ImageOptions pixels && (pixels.PixelMean, pixels.PixelStd) != (0, 1) =>
            Moved(graph, "Div", Moved(graph, "Sub", inputs, "pixel.mean", [pixels.PixelMean]), "pixel.deviation", [pixels.PixelStd]),
        { Input.Kind: InputKind.Vector, Data.Scales: { InputMeans.IsEmpty: false } scales } =>
            Moved(graph, "Div", Moved(graph, "Sub", inputs, "input.means", scales.InputMeans), "input.deviations", scales.InputDeviations),
        _ => inputs,
    };

    private static string Moved(OnnxGraph graph, string operation, string values, string name, ImmutableArray<double> by) =>
        graph.Node(operation, [values, graph.Constant(name, [.. by.Select(number => (float)number)], by.Length)]);
}
