using System.Collections.Immutable;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Data.Omniglot;

namespace MetaMap.Core.Data;

/// <summary>The datasets by name.</summary>
public static class DatasetRegistry
{
    /// <summary>The names of all datasets.</summary>
    public static ImmutableArray<string> Names { get; } = [GlyphDataset.Name, OmniglotDataset.Name];

    /// <summary>Opens a dataset; pixels are only decoded or drawn when the first image is asked for.</summary>
    /// <param name="name"><c>glyphs</c> or <c>omniglot</c>.</param>
    /// <param name="dataDirectory">The folder that holds the dataset's files; not used by glyphs.</param>
    /// <exception cref="ConfigurationException">No such dataset, or no folder given for one that needs it.</exception>
    /// <exception cref="DataException">The files are missing or cannot be used.</exception>
    public static IEpisodeDataset Open(string name, string? dataDirectory) => name switch
    {
        GlyphDataset.Name => new GlyphDataset(),
        OmniglotDataset.Name when string.IsNullOrWhiteSpace(dataDirectory) => throw new ConfigurationException(
            $"dataset {name} is read from a folder and none was given: pass --data DIR, the folder with its zip archives"),
        OmniglotDataset.Name => OmniglotDataset.Open(dataDirectory),
        _ => throw new ConfigurationException($"there is no dataset {name}: use {string.Join(" or ", Names)}"),
    };
}
