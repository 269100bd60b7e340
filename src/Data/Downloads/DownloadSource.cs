using System.Collections.Immutable;

namespace MetaMap.Data.Downloads;

/// <summary>One file of a dataset as it was published.</summary>
/// <param name="Name">Its name, at the source and in the data folder.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 (hex, lower case).</param>
public sealed record DownloadFile(string Name, long LengthBytes, string Sha256);

/// <summary>Where the files of a dataset are published.</summary>
/// <param name="Dataset">The dataset's name in options.</param>
/// <param name="BaseAddress">Ends with a slash; the files' names follow it.</param>
/// <param name="Files">All files that the dataset is read from.</param>
public sealed record DownloadSource(string Dataset, Uri BaseAddress, ImmutableArray<DownloadFile> Files)
{
    /// <summary>
    /// The known sources. The digests are published: of Omniglot by TensorFlow Datasets, of MNIST and Fashion-MNIST by
    /// TorchVision's prototype datasets and others.
    /// </summary>
    public static ImmutableArray<DownloadSource> All { get; } =
    [
        new("omniglot", new Uri("https://github.com/brendenlake/omniglot/raw/master/python/"),
        [
            new("images_background.zip", 9_464_212, "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640"),
            new("images_evaluation.zip", 6_462_886, "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee"),
        ]),
        new("mnist", new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        [
            new("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            new("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            new("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            new("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ]),
        new("fashion-mnist", new Uri("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/"),
        [
            new("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            new("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            new("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            new("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ]),
    ];
}

/// <summary>Progress of a download.</summary>
/// <param name="File">The file being downloaded.</param>
/// <param name="ReceivedBytes">Bytes of it that are on the disk.</param>
/// <param name="LengthBytes">Its length.</param>
public readonly record struct DownloadProgress(string File, long ReceivedBytes, long LengthBytes);
