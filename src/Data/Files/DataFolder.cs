using MetaMap.Core;

namespace MetaMap.Data.Files;

/// <summary>The folder of data that a node was given. Runs may name what lies in it, so that one cluster trains many datasets, and nothing outside it.</summary>
public static class DataFolder
{
    private const int MostCharacters = 1000;

    /// <summary>The path of a run's data from the folder of data, which is the same on every node.</summary>
    /// <param name="folder">What this node was given.</param>
    /// <param name="named">What somebody names here, see <see cref="Find"/>.</param>
    /// <returns>Null for all that the node was given.</returns>
    /// <exception cref="DataException">There is nothing of that name, or it is not in the folder.</exception>
    public static string? PathFrom(string? folder, string? named) =>
        named is not null && Path.GetRelativePath(folder!, Find(folder, named)!) is not "." and var path ? path : null;

    /// <summary>Where a run's data is on this node.</summary>
    /// <param name="folder">What the node was given; null when nothing.</param>
    /// <param name="named">What the run names: a path from that folder, or a whole path that leads into it; null for all that the node was given.</param>
    /// <returns>The path to read; null when neither is given.</returns>
    /// <exception cref="DataException">There is nothing of that name, or it is not in the folder.</exception>
    public static string? Find(string? folder, string? named)
    {
        if (named is null)
        {
            return folder;
        }

        if (string.IsNullOrWhiteSpace(named) || named.Length > MostCharacters || named.Any(char.IsControl))
        {
            throw new DataException($"The data of a run is the path of a file or folder, of 1 to {MostCharacters} characters, none of which may be a control character.");
        }

        if (string.IsNullOrWhiteSpace(folder))
        {
            throw new DataException($"The run's data is '{named}' in the folder that each node is given with --data, but this node was started without --data.");
        }

        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, named)));
        return path != root && !path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? throw new DataException($"The run's data is '{named}', which is not in {root}, the folder that this node was given with --data: name something in it, by its path from there.")
            : Path.Exists(path) ? path
            : throw new DataException($"There is no '{named}' in {root}, the folder that this node was given with --data: name the run's data by its path from there, and have it on every node.");
    }
}
