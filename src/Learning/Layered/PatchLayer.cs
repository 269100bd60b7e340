using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>The patches under the filters of a convolution, one a row; a <see cref="DenseLayer{T}"/> after it multiplies them by the filters.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="patches">Filters over its input.</param>
internal sealed unsafe class PatchLayer<T>(NativeMemory<T> memory, Patches patches) : LinearLayer<T>(memory, patches.OutputPixels, patches.Length)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc />
    protected override void Map(Matrix<T> input, Matrix<T> output) => patches.Gather(input.Data, output.Rows / patches.OutputPixels, output.Data);

    /// <inheritdoc />
    protected override void MapBack(Matrix<T> output, Matrix<T> input) => patches.Scatter(output.Data, output.Rows / patches.OutputPixels, input.Data);
}
