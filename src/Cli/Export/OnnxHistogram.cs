using MetaMap.Data;
using MetaMap.Training.Baselines;

namespace MetaMap.Cli.Export;

/// <summary><see cref="GradientHistogram"/> as nodes of an ONNX graph.</summary>
/// <param name="graph">Where nodes are added.</param>
/// <param name="shape">Shape of every image.</param>
internal sealed class OnnxHistogram(OnnxGraph graph, ImageShape shape)
{
    private readonly GradientHistogram _histogram = new(shape);

    /// <summary>Adds all from images to features [images, features].</summary>
    public string Of(string images)
    {
        string dx = graph.Node("MatMul", [images, Constant("gradient.across", Differences(shape.Width, isTransposed: true), shape.Width, shape.Width)]);
        string dy = graph.Node("MatMul", [Constant("gradient.down", Differences(shape.Height, isTransposed: false), shape.Height, shape.Height), images]);
        string squares = graph.Node("Add", [graph.Node("Mul", [dx, dx]), graph.Node("Mul", [dy, dy])]);
        string strongest = graph.Node("ArgMax", [squares], ("axis", 1), ("keepdims", 1));
        (dx, dy, squares) = (Strongest(dx), Strongest(dy), Strongest(squares));                                                     // [images, 1, height, width]
        string weights = graph.Node("Mul", [graph.Node("Sqrt", [squares]), Shares(dx, dy)]);                                         // [images, directions, height, width]
        string rows = Constant("cell.rows", Members(shape.Height, _histogram.Rows), _histogram.Rows, shape.Height);
        string columns = graph.Node("Transpose", [Constant("cell.columns", Members(shape.Width, _histogram.Columns), _histogram.Columns, shape.Width)]);
        string cells = graph.Node("Transpose", [graph.Node("MatMul", [graph.Node("MatMul", [rows, weights]), columns])], ("perm", OnnxGraph.Several(0, 2, 3, 1)));
        string[] corners = [.. from corner in Enumerable.Range(0, 4) select Corner(cells, corner / 2, corner % 2)];
        string blocks = graph.Node("Min", [OfLengthOne(graph.Node("Concat", corners, ("axis", 3))), Constant("cut", [GradientHistogram.Cut], 1)]);
        return graph.Node("Flatten", [OfLengthOne(blocks)], ("axis", 1));

        string Strongest(string values) => graph.Node("GatherElements", [values, strongest], ("axis", 1));
    }

    // Of each direction, how near it is: between the two nearest ones a gradient is shared. Without a sign, so that the arc tangent of the ratio is enough.
    private string Shares(string dx, string dy)
    {
        string divisor = graph.Node("Where", [graph.Node("Equal", [dx, Constant("zero", [0], 1)]), Constant("tiny", [1e-30f], 1), dx]);
        string turns = graph.Node("Mul", [graph.Node("Atan", [graph.Node("Div", [dy, divisor])]), Constant("directions", [GradientHistogram.Directions / MathF.PI], 1)]);
        return graph.Node("Add", [Near("direction.first", 0), Near("direction.last", GradientHistogram.Directions)]);

        string Near(string name, int period)
        {
            float[] places = [.. Enumerable.Range(0, GradientHistogram.Directions).Select(direction => direction + 0.5f - period)];
            string distance = graph.Node("Abs", [graph.Node("Sub", [turns, Constant(name, places, places.Length, 1, 1)])]);
            return graph.Node("Relu", [graph.Node("Sub", [Constant("one", [1], 1), distance])]);
        }
    }

    private string Corner(string cells, int down, int right) => graph.Node(
        "Gather", [graph.Node("Gather", [cells, Places("corner.row", _histogram.Rows, down)], ("axis", 1)), Places("corner.column", _histogram.Columns, right)], ("axis", 2));

    private string Places(string name, int cells, int step) =>
        graph.Constant($"{name}.{step}", [.. Enumerable.Range(0, Math.Max(1, cells - 1)).Select(first => (long)Math.Min(first + step, cells - 1))]);

    private string OfLengthOne(string blocks)
    {
        string squares = graph.Node("ReduceSumSquare", [blocks], ("axes", OnnxGraph.Several(3)), ("keepdims", 1));
        return graph.Node("Div", [blocks, graph.Node("Sqrt", [graph.Node("Add", [squares, Constant("least", [GradientHistogram.LeastSquare], 1)])])]);
    }

    private string Constant(string name, float[] values, params int[] sizes) => graph.Constant($"histogram.{name}", values, sizes);

    /// <summary>The difference of each pixel's neighbours, itself where it has none: [size, size].</summary>
    private static float[] Differences(int size, bool isTransposed)
    {
        float[] matrix = new float[size * size];
        for (int place = 0; place < size; place++)
        {
            Add(place, Math.Min(place + 1, size - 1), 1);
            Add(place, Math.Max(place - 1, 0), -1);
        }

        return matrix;

        void Add(int to, int from, float value) => matrix[isTransposed ? from * size + to : to * size + from] += value;
    }

    /// <summary>Which pixels are in which cell: [cells, size].</summary>
    private static float[] Members(int size, int cells) =>
        [.. from cell in Enumerable.Range(0, cells) from place in Enumerable.Range(0, size) select place * cells / size == cell ? 1f : 0];
}
