using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data.Csv;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Data.Idx;
using MetaMap.Core.Data.Images;
using MetaMap.Core.Data.Omniglot;
using MetaMap.Core.Data.Ratings;
using MetaMap.Core.Data.Sinusoid;
using MetaMap.Core.Data.Texts;

namespace MetaMap.Core.Data;

/// <summary>The datasets by name.</summary>
public static class DatasetRegistry
{
    /// <summary>All datasets by name.</summary>
    public static Registry<IDatasetDefinition> All { get; } = new(
        "dataset", new GlyphDefinition(), new OmniglotDefinition(), new SinusoidDefinition(), IdxDefinition.OfMnist, IdxDefinition.OfFashionMnist,
        new ImageFolderDefinition(), new TextDefinition(), new RatingsDefinition(), new CsvDefinition());

    /// <summary>The names of all datasets.</summary>
    public static ImmutableArray<string> Names => All.Names;

    /// <summary>The dataset of a name.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static IDatasetDefinition Definition(string name) => All[name];

    /// <summary>Opens a run's dataset; contents may be decoded or drawn later, when they are first asked for.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="data">The folder or file that holds the dataset; not used by those that need none.</param>
    /// <exception cref="ConfigurationException">No folder given for a dataset that needs one.</exception>
    /// <exception cref="DataException">The files are missing or cannot be used.</exception>
    public static IEpisodeDataset Open(RunOptions options, string? data)
    {
        IDatasetDefinition definition = All[options.Dataset];
        return definition.NeedsFolder && string.IsNullOrWhiteSpace(data)
            ? throw new ConfigurationException($"Dataset {definition.Name} is {definition.Summary}, and no place was given: pass --data with its folder or file.")
            : definition.Open(options, data);
    }
}
