using System.Collections.Immutable;

namespace MetaMap.Core.Data;

/// <summary>Shape of one image.</summary>
/// <param name="Channels">Colour channels, 1 or 3.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values per image: channels · height · width.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>For people, e.g. <c>1x28x28</c>.</summary>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}

/// <summary>One class of a dataset.</summary>
/// <param name="Name">Unique in the dataset, e.g. <c>images_background/Latin/character01</c>.</param>
/// <param name="ExampleCount">Images of the class.</param>
public sealed record DatasetClass(string Name, int ExampleCount);

/// <summary>What the coordinator must know of a dataset to sample episodes: classes and shapes, no pixels.</summary>
/// <param name="Name">The dataset's name, e.g. <c>omniglot</c>.</param>
/// <param name="Image">Shape of every image.</param>
/// <param name="Classes">All classes, in a fixed order.</param>
/// <param name="Digest">SHA-256 (hex, lower case) of what the dataset was read or drawn from; workers compare it.</param>
public sealed record DatasetCatalog(string Name, ImageShape Image, ImmutableArray<DatasetClass> Classes, string Digest);
