using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Export;

/// <summary>The networks of MetaMap as nodes of an ONNX graph, with an adapted model's parameters and statistics.</summary>
/// <param name="graph">Where nodes are added.</param>
/// <param name="file">The model.</param>
internal sealed class OnnxNetwork(OnnxGraph graph, AdaptedFile file)
{
    // Of the parallel convolutions of text-cnn.
    private static readonly int[] _widths = [3, 4, 5];

    private readonly Dictionary<string, int> _places = file.Network.Layout.Entries.Index().ToDictionary(entry => entry.Item.Name, entry => entry.Index, StringComparer.Ordinal);
    private int _norms;

    /// <summary>Adds all from inputs, in the model's own units, to logits or values.</summary>
    /// <exception cref="ConfigurationException">ONNX has no operators for the network, or it comes from a plug-in.</exception>
    public string Outputs(string inputs)
    {
        string features = file.Spec.Name switch
        {
            "conv4" => Conv4(inputs, stride: 1),
            "conv4-stride" => Conv4(inputs, stride: 2),
            "cnn" => Cnn(inputs),
            "resnet12" => ResNet12(inputs),
            "mlp" => Dense(Flat(inputs)),
            "ratings-mlp" => Dense(Embedded(inputs)),
            "text-cnn" => TextCnn(inputs),
            "hog-conv4" => HogConv4(inputs),
            "text-ngrams" => throw new ConfigurationException("Model text-ngrams hashes the characters of a text, which no operator of ONNX does; use the adapted model with metamap predict, over HTTP or in clients/python, or train text-cnn."),
            string other => throw new ConfigurationException($"Model {other} comes from a plug-in, and is not known as an ONNX graph."),
        };
        string outputs = Linear(file.IsCosine ? OfLengthOne(features) : features, "head");
        return file.SkipWeight.IsEmpty ? outputs : graph.Node("Add", [outputs, graph.Node("Gemm", [file.Spec.Name == "ratings-mlp" ? Embedded(inputs) : Flat(inputs), Constant("skip.weight", [.. file.SkipWeight], file.Spec.Outputs, -1)], ("transB", 1))]);
    }

    private string Conv4(string x, int stride)
    {
        for (int layer = 1; layer <= 4; layer++)
        {
            x = Normalized(Convolved(x, $"conv{layer}", stride, padding: 1), $"norm{layer}");
            x = graph.Node("Relu", [layer == 3 ? Modulated(x, 4) : x]);
            x = stride == 1 ? Pooled(x) : x;
        }

        return Mean(x);
    }

    private string HogConv4(string x)
    {
        const int SmallestSide = 16;
        string weighed = graph.Node("Mul", [new OnnxHistogram(graph, file.Input.ToImageShape()).Of(x), graph.Node("Exp", [Parameter("histogram.log-weight")])]);
        string embedded = graph.Node("MatMul", [weighed, Parameter("embedding.weight")]);
        string convolved = Conv4(x, Math.Min(file.Input.Height, file.Input.Width) < SmallestSide ? 2 : 1);
        return graph.Node("Concat", [weighed, embedded, graph.Node("Mul", [convolved, graph.Node("Exp", [Parameter("convolutions.log-scale")])])], ("axis", 1));
    }

    private string Cnn(string x)
    {
        const int Side = 7;
        x = graph.Node("Relu", [Convolved(x, "conv")]);
        string rows = Constant("pool.rows", Parts(file.Input.Height - 2, Side), Side, -1);
        string columns = graph.Node("Transpose", [Constant("pool.columns", Parts(file.Input.Width - 2, Side), Side, -1)]);
        x = graph.Node("MatMul", [graph.Node("MatMul", [rows, x]), columns]);
        return graph.Node("Relu", [Modulated(Linear(Flat(x), "hidden"), 2)]);
    }

    private string ResNet12(string x)
    {
        for (int block = 1; block <= 4; block++)
        {
            string y = x;
            for (int layer = 1; layer <= 3; layer++)
            {
                y = layer == 1 ? y : LeakyRelu(y);
                y = Normalized(Convolved(y, $"conv{block}.{layer}", padding: 1), $"norm{block}.{layer}");
            }

            y = graph.Node("Add", [y, Normalized(Convolved(x, $"conv{block}.shortcut"), $"norm{block}.shortcut")]);
            x = Pooled(LeakyRelu(block == 3 ? Modulated(y, 4) : y));
        }

        return Mean(x);
    }

    private string Dense(string x)
    {
        for (int layer = 1; _places.ContainsKey($"hidden{layer}.weight"); layer++)
        {
            x = Linear(x, $"hidden{layer}");
            x = graph.Node("Relu", [layer == 1 ? Modulated(x, 2) : x]);
        }

        return x;
    }

    private string Embedded(string items) => Flat(graph.Node("Gather", [Parameter("embedding.weight"), items], ("axis", 0)));

    private string TextCnn(string tokens)
    {
        string row = graph.Node("Mod", [tokens, graph.Constant("rows", [(long)Entry("embedding.weight").Shape[0]])]);
        string isText = graph.Node("Cast", [graph.Node("Greater", [tokens, graph.Constant("padding", [0L])])], ("to", (int)Onnx.TensorProto.Types.DataType.Float));
        string embedded = graph.Node("Mul", [graph.Node("Gather", [Parameter("embedding.weight"), row], ("axis", 0)), graph.Node("Unsqueeze", [isText, graph.Constant("last", [2L])])]);
        embedded = graph.Node("Transpose", [embedded], ("perm", OnnxGraph.Several(0, 2, 1)));                                     // [texts, size, length]
        string[] greatest = [.. _widths.Select(width => graph.Node("ReduceMax",
            [graph.Node("Conv", [embedded, Parameter($"conv{width}.weight"), Parameter($"conv{width}.bias")])], ("axes", OnnxGraph.Several(2)), ("keepdims", 0)))];
        return graph.Node("Relu", [Modulated(graph.Node("Concat", greatest, ("axis", 1)), 2)]);
    }

    private string Convolved(string x, string name, int stride = 1, int padding = 0) => graph.Node(
        "Conv", [x, Parameter($"{name}.weight"), .. _places.ContainsKey($"{name}.bias") ? [Parameter($"{name}.bias")] : (string[])[]],
        ("strides", OnnxGraph.Several(stride, stride)), ("pads", OnnxGraph.Several(padding, padding, padding, padding)));

    private string Normalized(string x, string name)
    {
        string mean = Constant($"{name}.mean", [.. file.Statistics[2 * _norms]], -1);
        string variance = Constant($"{name}.variance", [.. file.Statistics[2 * _norms + 1]], -1);
        _norms++;
        return graph.Node("BatchNormalization", [x, Parameter($"{name}.weight"), Parameter($"{name}.bias"), mean, variance], ("epsilon", 1e-5f));
    }

    private string Modulated(string x, int dimensions)
    {
        if (file.Modulation.IsEmpty)
        {
            return x;
        }

        int channels = file.Modulation.Length / 2;
        int[] shape = [1, channels, .. Enumerable.Repeat(1, dimensions - 2)];
        string scale = Constant("modulation.scale", [.. file.Modulation[..channels].Select(value => 1 + value)], shape);
        return graph.Node("Add", [graph.Node("Mul", [x, scale]), Constant("modulation.shift", [.. file.Modulation[channels..]], shape)]);
    }

    private string OfLengthOne(string x) => graph.Node(
        "Div", [x, graph.Node("Max", [graph.Node("ReduceL2", [x], ("axes", OnnxGraph.Several(1)), ("keepdims", 1)), Constant("shortest", [1e-6f], 1)])]);

    private string Linear(string x, string name) => graph.Node("Gemm", [x, Parameter($"{name}.weight"), Parameter($"{name}.bias")], ("transB", 1));

    private string LeakyRelu(string x) => graph.Node("LeakyRelu", [x], ("alpha", 0.1f));

    private string Pooled(string x) => graph.Node("MaxPool", [x], ("kernel_shape", OnnxGraph.Several(2, 2)), ("strides", OnnxGraph.Several(2, 2)));

    private string Mean(string x) => Flat(graph.Node("GlobalAveragePool", [x]));

    private string Flat(string x) => graph.Node("Flatten", [x], ("axis", 1));

    private ParameterEntry Entry(string name) => file.Network.Layout.Entries[_places[name]];

    private string Parameter(string name) => graph.Constant(name, file.Network[_places[name]], Entry(name).Shape);

    private string Constant(string name, float[] values, params int[] shape) =>
        graph.Constant(name, values, shape.Select(size => size < 0 ? values.Length / shape.Where(other => other > 0).Aggregate(1, (product, other) => product * other) : size));

    /// <summary>Means over parts that cover a side, and overlap where they must: [parts, size].</summary>
    private static float[] Parts(int size, int parts) =>
    [
        .. from part in Enumerable.Range(0, parts)
           let first = part * size / parts
           let end = ((part + 1) * size + parts - 1) / parts
           from place in Enumerable.Range(0, size)
           select place >= first && place < end ? 1f / (end - first) : 0,
    ];
}
