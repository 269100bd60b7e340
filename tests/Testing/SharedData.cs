using Xunit.Abstractions;

namespace MetaMap.Testing;

/// <summary>
/// Finds real datasets in a folder <c>shared/data</c> beside the repository or in it; the environment variable
/// METAMAP_SHARED names another shared folder. A missing dataset skips the test on a developer's machine, and fails it in CI.
/// </summary>
internal static class SharedData
{
    /// <summary>The folder of a dataset, or null (told in the test's output) where it is missing.</summary>
    public static string? Find(string dataset, ITestOutputHelper output)
    {
        string? found = SharedFolders().Select(shared => Path.Combine(shared, "data", dataset)).FirstOrDefault(Directory.Exists);
        if (found is null)
        {
            string missing = $"no shared/data/{dataset} beside the repository, and METAMAP_SHARED names none";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
            output.WriteLine($"skipped: {missing}");
        }

        return found;
    }

    private static IEnumerable<string> SharedFolders()
    {
        if (Environment.GetEnvironmentVariable("METAMAP_SHARED") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared");
        }
    }
}
