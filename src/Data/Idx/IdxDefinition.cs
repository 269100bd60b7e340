using System.Collections.Immutable;
using MetaMap.Core.Options;

namespace MetaMap.Data.Idx;

/// <summary>Definition of a dataset in the format of MNIST.</summary>
/// <param name="name">Its name in options.</param>
/// <param name="content">What the images show.</param>
/// <param name="classNames">Names of the classes, by label.</param>
internal sealed class IdxDefinition(string name, string content, ImmutableArray<string> classNames) : IDatasetDefinition
{
    /// <summary>The name of MNIST in options.</summary>
    public const string Mnist = "mnist";

    /// <summary>The name of Fashion-MNIST in options.</summary>
    public const string FashionMnist = "fashion-mnist";

    /// <summary>MNIST: handwritten digits.</summary>
    public static IdxDefinition OfMnist { get; } = new(Mnist, "handwritten digits", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);

    /// <summary>Fashion-MNIST: articles of clothing.</summary>
    public static IdxDefinition OfFashionMnist { get; } = new(
        FashionMnist, "articles of clothing",
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]);

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Summary => $"{content}, ten classes, read from the folder with train-images-idx3-ubyte.gz and its three sisters";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    /// <remarks>Two ways, because a split of ten classes leaves two for test.</remarks>
    public object Options { get; } = new ClassificationOptions { Ways = 2 };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => IdxDataset.Open(name, data!, classNames);
}

/// <summary>The datasets in this format.</summary>
internal sealed class IdxDatasets : IPartFamily
{
    /// <inheritdoc />
    public ImmutableArray<IPart> Parts => [IdxDefinition.OfMnist, IdxDefinition.OfFashionMnist];
}
