using System.Buffers;
using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data.Cache;

/// <summary>Images of one shape as bytes in a cache, the images of a class next to each other; opened when the first is asked for.</summary>
/// <param name="shape">Shape of every image.</param>
/// <param name="classes">The classes, in the order of their images.</param>
/// <param name="open">Opens or decodes the cache.</param>
internal sealed class DecodedImages(ImageShape shape, ImmutableArray<DatasetClass> classes, Func<DecodedCache> open)
{
    private readonly Lazy<DecodedCache> _cache = new(open);

    private readonly long[] _firstImage = FirstImages(classes);

    /// <summary>Copies an image, rotated, with values 0 to 1.</summary>
    /// <exception cref="DataException">On first use: the data cannot be decoded.</exception>
    public void Copy(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exampleIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(exampleIndex, classes[classIndex].ExampleCount);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(shape.Length);
        try
        {
            Span<byte> image = buffer.AsSpan(0, shape.Length);
            _cache.Value.Read((_firstImage[classIndex] + exampleIndex) * shape.Length, image);
            RotatedImage.Copy(image, shape, quarterTurns, destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long[] FirstImages(ImmutableArray<DatasetClass> classes)
    {
        long[] first = new long[classes.Length];
        for (int i = 1; i < first.Length; i++)
        {
            first[i] = first[i - 1] + classes[i - 1].ExampleCount;
        }

        return first;
    }
}
