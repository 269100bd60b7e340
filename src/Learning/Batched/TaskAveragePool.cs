using MetaMap.Learning.Layered;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>
/// Adaptive average pooling over tasks side by side, as two products: with the shares of rows in windows, and of columns. An output row
/// is an image, window by window.
/// </summary>
/// <param name="height">Rows of an image.</param>
/// <param name="width">Columns of an image.</param>
/// <param name="side">Windows in each direction.</param>
internal sealed class TaskAveragePool(int height, int width, int side) : TaskLinear
{
    // Kept from pass to pass: a copy to a GPU would wait for it.
    private torch.Tensor? _ofRows;
    private torch.Tensor? _ofColumns;

    /// <inheritdoc />
    public override void Release()
    {
        _ofRows?.Dispose();
        _ofColumns?.Dispose();
        (_ofRows, _ofColumns) = (null, null);
    }

    /// <inheritdoc />
    protected override torch.Tensor Map(torch.Tensor rows)
    {
        (torch.Tensor ofRows, torch.Tensor ofColumns) = Shares(rows);
        long channels = rows.shape[2];
        torch.Tensor columns = ofColumns.matmul(rows.reshape(-1, width, channels));              // [tasks · images · height, side, channels]
        return ofRows.matmul(columns.reshape(-1, height, side * channels)).reshape(rows.shape[0], -1, side * side * channels);
    }

    /// <inheritdoc />
    protected override torch.Tensor MapBack(torch.Tensor rows)
    {
        (torch.Tensor ofRows, torch.Tensor ofColumns) = Shares(rows);
        long channels = rows.shape[2] / (side * side);
        torch.Tensor columns = ofRows.t().matmul(rows.reshape(-1, side, side * channels));       // [tasks · images, height, side · channels]
        return ofColumns.t().matmul(columns.reshape(-1, side, channels)).reshape(rows.shape[0], -1, channels);
    }

    private (torch.Tensor OfRows, torch.Tensor OfColumns) Shares(torch.Tensor like)
    {
        _ofRows ??= Shares(height, like);
        _ofColumns ??= Shares(width, like);
        return (_ofRows, _ofColumns);
    }

    // [side, pixels]: one over its length where a pixel is in a window, else 0.
    private torch.Tensor Shares(int pixels, torch.Tensor like)
    {
        double[,] shares = new double[side, pixels];
        for (int window = 0; window < side; window++)
        {
            (int from, int to) = PoolWindow.Of(window, side, pixels);
            for (int pixel = from; pixel < to; pixel++)
            {
                shares[window, pixel] = 1.0 / (to - from);
            }
        }

        return torch.tensor(shares).to(like.dtype).to(like.device).DetachFromDisposeScope();
    }
}
