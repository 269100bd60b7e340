using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>Square filters over images [rows, columns, channels], channels last, and the patches under them.</summary>
/// <param name="Height">Rows of an input image.</param>
/// <param name="Width">Columns of an input image.</param>
/// <param name="Channels">Channels of an input image.</param>
/// <param name="Side">Rows and columns of a filter.</param>
/// <param name="Stride">In both directions.</param>
/// <param name="Padding">Zeros on every side.</param>
internal readonly record struct Patches(int Height, int Width, int Channels, int Side, int Stride, int Padding)
{
    /// <summary>Rows of an output image.</summary>
    public int OutputHeight => (Height + 2 * Padding - Side) / Stride + 1;

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth => (Width + 2 * Padding - Side) / Stride + 1;

    /// <summary>Pixels of an output image.</summary>
    public int OutputPixels => OutputHeight * OutputWidth;

    /// <summary>Numbers in a patch.</summary>
    public int Length => Side * Side * Channels;

    /// <summary>Copies the patch of every output pixel, with zeros outside the image.</summary>
    /// <param name="images">[images, height, width, channels].</param>
    /// <param name="count">Images.</param>
    /// <param name="patches">[images · output pixels, <see cref="Length"/>].</param>
    public unsafe void Gather<T>(T* images, int count, T* patches) where T : unmanaged, INumber<T>
    {
        for (int image = 0; image < count; image++, images += Height * Width * Channels)
        {
            for (int y = 0; y < OutputHeight; y++)
            {
                for (int x = 0; x < OutputWidth; x++)
                {
                    for (int row = y * Stride - Padding; row < y * Stride - Padding + Side; row++, patches += Side * Channels)
                    {
                        (int skipped, int from, int pixels) = Inside(row, x);
                        if (pixels < Side)
                        {
                            new Span<T>(patches, Side * Channels).Clear();
                        }

                        new ReadOnlySpan<T>(images + (row * Width + from) * Channels, pixels * Channels).CopyTo(new Span<T>(patches + skipped * Channels, pixels * Channels));
                    }
                }
            }
        }
    }

    /// <summary>Adds every patch to the pixels that it covers.</summary>
    /// <param name="patches">[images · output pixels, <see cref="Length"/>].</param>
    /// <param name="count">Images.</param>
    /// <param name="images">[images, height, width, channels], whole vectors of channels; overwritten.</param>
    public unsafe void Scatter<T>(T* patches, int count, T* images) where T : unmanaged, INumber<T>
    {
        new Span<T>(images, count * Height * Width * Channels).Clear();
        for (int image = 0; image < count; image++, images += Height * Width * Channels)
        {
            for (int y = 0; y < OutputHeight; y++)
            {
                for (int x = 0; x < OutputWidth; x++)
                {
                    for (int row = y * Stride - Padding; row < y * Stride - Padding + Side; row++, patches += Side * Channels)
                    {
                        (int skipped, int from, int pixels) = Inside(row, x);
                        T* source = patches + skipped * Channels;
                        T* target = images + (row * Width + from) * Channels;
                        for (int i = 0; i < pixels * Channels; i += Vector<T>.Count)
                        {
                            (Vector.Load(target + i) + Vector.Load(source + i)).Store(target + i);
                        }
                    }
                }
            }
        }
    }

    // For a row of a patch: the pixels left of the image, the first one inside, and how many are inside.
    private (int Skipped, int From, int Pixels) Inside(int row, int x)
    {
        int first = x * Stride - Padding;
        int from = Math.Max(first, 0);
        return (uint)row >= (uint)Height ? (0, 0, 0) : (from - first, from, Math.Max(0, Math.Min(first + Side, Width) - from));
    }
}
