using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>The mean of each channel over an image's pixels, over tasks side by side.</summary>
/// <param name="pixels">Of an image.</param>
internal sealed class TaskMean(int pixels) : TaskLinear
{
    /// <inheritdoc />
    protected override torch.Tensor Map(torch.Tensor rows) => rows.reshape(rows.shape[0], -1, pixels, rows.shape[2]).sum(2).Times(1.0 / pixels);

    /// <inheritdoc />
    protected override torch.Tensor MapBack(torch.Tensor rows) =>
        rows.Times(1.0 / pixels).unsqueeze(2).expand([rows.shape[0], rows.shape[1], pixels, rows.shape[2]]).reshape(rows.shape[0], -1, rows.shape[2]);
}
