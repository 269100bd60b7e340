using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Downloads;

namespace MetaMap.Data;

/// <summary>A kind of dataset that a run can name. Its options are <see cref="DatasetOptions"/>.</summary>
public interface IDatasetDefinition : IPart
{
    /// <summary>One line of help: what it holds and which files it is read from.</summary>
    string Summary { get; }

    /// <summary>True when it is read from files, so that <c>--data</c> is needed.</summary>
    bool NeedsFolder { get; }

    /// <summary>True when it holds images as of photographs, not of drawn characters.</summary>
    bool HasPhotographs => false;

    /// <summary>Where its files are published, for <c>metamap data download</c>; null for a dataset that cannot be downloaded by name.</summary>
    DownloadSource? Source => null;

    /// <summary>Opens the dataset; contents may be decoded or drawn later, when they are first asked for.</summary>
    /// <param name="options">The dataset's own, of the type of <see cref="IPart.Options"/>.</param>
    /// <param name="episode">The form of the run's episodes.</param>
    /// <param name="data">The folder or file that holds it; null for datasets that need none.</param>
    /// <exception cref="ConfigurationException">Options that do not go together.</exception>
    /// <exception cref="DataException">The files are missing or cannot be used.</exception>
    IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data);

    /// <summary>Reads somebody's own examples for a model that was trained on this dataset; null where it has no examples of anybody's own.</summary>
    /// <param name="options">The dataset's own, of the type of <see cref="IPart.Options"/>.</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <exception cref="DataException">The model's file does not name inputs that are found by name.</exception>
    IExampleReader? ExampleReader(DatasetOptions options, ModelInputs inputs) => null;

    /// <summary>What options that were left to the data have come to, by key; a model takes them along to other data.</summary>
    /// <param name="options">The dataset's own, of the type of <see cref="IPart.Options"/>.</param>
    /// <param name="input">The shape of the data's inputs.</param>
    IReadOnlyDictionary<string, object> FromData(DatasetOptions options, InputShape input) => ImmutableDictionary<string, object>.Empty;
}
