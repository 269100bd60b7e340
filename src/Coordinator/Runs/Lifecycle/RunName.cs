using System.Globalization;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Names of runs: each is a folder's name, too.</summary>
public static class RunName
{
    /// <summary>A name from a run's options and the time.</summary>
    public static RunId For(RunOptions options, TimeProvider time) => new(string.Create(CultureInfo.InvariantCulture,
        $"{Plain(options.Dataset)}-{(options.Supervised is null ? $"{options.EpisodeShape.Ways}w{options.Shots}s-" : "")}{Plain(options.Algorithm)}-{time.GetUtcNow():yyyyMMdd-HHmmss}"));

    /// <summary>The error message for a name that no run can have.</summary>
    public static string Explain(string name) =>
        $"'{name}' is not a name for a run; use 1 to 100 letters, digits, dots, hyphens and underscores, the first a letter or digit.";

    /// <summary>True for a name that a run can have.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(name[0])
        && name.All(IsPlain);

    // As people write maml++ where a plus sign cannot stand.
    private static string Plain(string part) => string.Concat(part.Replace('+', 'p').Select(c => IsPlain(c) ? c : '_'));

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
