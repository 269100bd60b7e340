using System.Security.Cryptography;
using MetaMap.Data;

namespace MetaMap.Testing;

/// <summary>Reads images of a dataset for tests.</summary>
internal static class DatasetImages
{
    public static float[] Image(this IEpisodeDataset dataset, int classIndex, int exampleIndex, int quarterTurns = 0)
    {
        float[] image = new float[dataset.Catalog.Input.Length];
        dataset.CopyInput(classIndex, exampleIndex, quarterTurns, image);
        return image;
    }

    /// <summary>The first 16 digits of the SHA-256 of the images of one class, as bytes.</summary>
    public static string ClassChecksum(this IEpisodeDataset dataset, int classIndex) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Enumerable.Range(0, dataset.Catalog.Classes[classIndex].ExampleCount)
            .SelectMany(example => dataset.Image(classIndex, example))
            .Select(value => (byte)Math.Round(value * 255))]))[..16];
}
