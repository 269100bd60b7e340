using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data;

/// <summary>A kind of dataset that a run can name.</summary>
public interface IDatasetDefinition : IOptionReader
{
    /// <summary>One line for people: what it holds and which files it is read from.</summary>
    string Summary { get; }

    /// <summary>True when it is read from files, so that <c>--data</c> is needed.</summary>
    bool NeedsFolder { get; }

    /// <summary>Opens the dataset; contents may be decoded or drawn later, when they are first asked for.</summary>
    /// <param name="options">Resolved: every option that the dataset reads has a value or its default.</param>
    /// <param name="data">The folder or file that holds it; null for datasets that need none.</param>
    /// <exception cref="DataException">The files are missing or cannot be used.</exception>
    IEpisodeDataset Open(RunOptions options, string? data);
}
