using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace MetaMap.Cli.Export;

/// <summary>An ONNX graph that is built node by node. Values are known by their names.</summary>
internal sealed class OnnxGraph
{
    // Of 2021: runtimes of that year and later read it.
    private const int Opset = 17;
    private const int IrVersion = 8;

    private readonly GraphProto _graph = new() { Name = "metamap" };
    private readonly HashSet<string> _constants = new(StringComparer.Ordinal);

    /// <summary>Adds the graph's input, [inputs, …sizes].</summary>
    public string Input(string name, DataType type, IEnumerable<int> sizes)
    {
        _graph.Input.Add(Value(name, type, sizes));
        return name;
    }

    /// <summary>Names a value as a float32 output of the graph, [inputs, length].</summary>
    public void Output(string value, string name, int length)
    {
        _graph.Node.Add(new NodeProto { OpType = "Identity", Input = { value }, Output = { name } });
        _graph.Output.Add(Value(name, DataType.Float, [length]));
    }

    /// <summary>Adds constants, row by row; once, however often they are asked for.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params IEnumerable<int> shape) =>
        Constant(name, DataType.Float, MemoryMarshal.AsBytes(values), shape.Select(size => (long)size));

    /// <summary>Adds whole numbers as constants.</summary>
    public string Constant(string name, long[] values) => Constant(name, DataType.Int64, MemoryMarshal.AsBytes<long>(values), [values.Length]);

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">Its operator, e.g. <c>Conv</c>.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="attributes">Numbers: a float, an int, or several int.</param>
    /// <returns>The name of its output.</returns>
    public string Node(string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = $"{operation}.{_graph.Node.Count}";
        _graph.Node.Add(new NodeProto { OpType = operation, Name = output, Input = { inputs }, Output = { output }, Attribute = { attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)) } });
        return output;
    }

    /// <summary>Several numbers as the value of an attribute.</summary>
    public static int[] Several(params ReadOnlySpan<int> numbers) => numbers.ToArray();

    /// <summary>The whole file.</summary>
    /// <param name="metadata">Texts that come along.</param>
    public byte[] ToFile(IEnumerable<(string Key, string Value)> metadata) => new ModelProto
    {
        IrVersion = IrVersion, ProducerName = "metamap", Graph = _graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
        MetadataProps = { metadata.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }) },
    }.ToByteArray();

    private string Constant(string name, DataType type, ReadOnlySpan<byte> bytes, IEnumerable<long> shape)
    {
        if (_constants.Add(name))
        {
            _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(bytes) });
        }

        return name;
    }

    private static ValueInfoProto Value(string name, DataType type, IEnumerable<int> sizes) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)type,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "inputs" }, sizes.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } },
            },
        },
    };

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        float number => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = number },
        int number => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        int[] numbers => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers.Select(number => (long)number) } },
        _ => throw new ArgumentException($"An attribute is a float, an int or several int, not {value}.", nameof(value)),
    };
}
