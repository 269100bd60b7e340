using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>The patches under the filters of a convolution, one a row; a <see cref="TaskDense"/> after it multiplies them by the filters.</summary>
/// <param name="patches">Filters over its input.</param>
internal sealed class TaskPatchLayer(TaskPatches patches) : TaskLinear
{
    /// <inheritdoc />
    protected override torch.Tensor Map(torch.Tensor rows) => patches.Gather(rows);

    /// <inheritdoc />
    protected override torch.Tensor MapBack(torch.Tensor rows) => patches.Scatter(rows);
}
