using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Data.Downloads;
using MetaMap.Data.Images;

namespace MetaMap.Data.Idx;

/// <summary>Definition of a dataset in the format of MNIST.</summary>
/// <param name="name">Its name in options.</param>
/// <param name="content">What the images show.</param>
/// <param name="classNames">Names of the classes, by label.</param>
/// <param name="source">Where its files are published; digests by TorchVision's prototype datasets and others.</param>
internal sealed class IdxDefinition(string name, string content, ImmutableArray<string> classNames, DownloadSource source) : IDatasetDefinition
{
    /// <summary>The name of MNIST in options.</summary>
    public const string Mnist = "mnist";

    /// <summary>The name of Fashion-MNIST in options.</summary>
    public const string FashionMnist = "fashion-mnist";

    /// <summary>MNIST: handwritten digits.</summary>
    public static IdxDefinition OfMnist { get; } = new(
        Mnist, "handwritten digits", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        new DownloadSource(Mnist, new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        [
            new("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            new("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            new("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            new("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ]));

    /// <summary>Fashion-MNIST: articles of clothing.</summary>
    public static IdxDefinition OfFashionMnist { get; } = new(
        FashionMnist, "articles of clothing",
        ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"],
        new DownloadSource(FashionMnist, new Uri("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/"),
        [
            new("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            new("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            new("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            new("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ]));

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Summary => $"{content}, ten classes, read from the folder with train-images-idx3-ubyte.gz and its three sisters";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public DownloadSource Source => source;

    /// <inheritdoc />
    /// <remarks>Two ways, because a split of ten classes leaves two for test.</remarks>
    public object Options { get; } = new ImageOptions { Ways = 2 };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => IdxDataset.Open(name, data!, classNames);

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) => new ImageExamples(inputs.Shape.ToImageShape(), isInk: true);
}

/// <summary>The datasets in this format.</summary>
internal sealed class IdxDatasets : IPartFamily
{
    /// <inheritdoc />
    public ImmutableArray<IPart> Parts => [IdxDefinition.OfMnist, IdxDefinition.OfFashionMnist];
}
