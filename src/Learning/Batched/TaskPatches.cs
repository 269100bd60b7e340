using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>Square filters over images of tasks side by side, channels last, and the patches under them.</summary>
/// <param name="Height">Rows of an input image.</param>
/// <param name="Width">Columns of an input image.</param>
/// <param name="Channels">Channels of an input image.</param>
/// <param name="Side">Rows and columns of a filter.</param>
/// <param name="Stride">In both directions.</param>
/// <param name="Padding">Zeros on every side.</param>
internal readonly record struct TaskPatches(int Height, int Width, int Channels, int Side, int Stride, int Padding)
{
    /// <summary>Rows of an output image.</summary>
    public int OutputHeight => (Height + 2 * Padding - Side) / Stride + 1;

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth => (Width + 2 * Padding - Side) / Stride + 1;

    /// <summary>im2col: from [tasks, images · pixels, channels] to [tasks, images · output pixels, side · side · channels], in one copy.</summary>
    public torch.Tensor Gather(torch.Tensor rows)
    {
        torch.Tensor padded = torch.nn.functional.pad(rows.reshape(-1, Height, Width, Channels), [0, 0, Padding, Padding, Padding, Padding]).contiguous();
        long ofRow = (Width + 2 * Padding) * (long)Channels;
        long ofImage = (Height + 2 * Padding) * ofRow;
        return padded
            .as_strided([padded.shape[0], OutputHeight, OutputWidth, Side, Side, Channels], [ofImage, Stride * ofRow, Stride * (long)Channels, ofRow, Channels, 1])
            .reshape(rows.shape[0], -1, Side * Side * Channels);
    }

    /// <summary>Its transpose, col2im: every pixel is the sum of the patches that it is in, one place of the filters after the other.</summary>
    public torch.Tensor Scatter(torch.Tensor patches)
    {
        torch.Tensor parts = patches.reshape(-1, OutputHeight, OutputWidth, Side, Side, Channels);
        torch.Tensor padded = torch.zeros([parts.shape[0], Height + 2 * Padding, Width + 2 * Padding, Channels], dtype: patches.dtype, device: patches.device);
        using Scalar one = 1;
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                padded.slice(1, row, row + Stride * (OutputHeight - 1) + 1, Stride).slice(2, column, column + Stride * (OutputWidth - 1) + 1, Stride)
                    .add_(parts.select(3, row).select(3, column), one);
            }
        }

        return padded.narrow(1, Padding, Height).narrow(2, Padding, Width).reshape(patches.shape[0], -1, Channels);
    }
}
