namespace MetaMap.Testing;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string _root = Find();

    /// <summary>The program as it is published by the build, which <c>./metamap</c> runs.</summary>
    public static string Program => PathOf("src", "Cli", "bin", "program", "MetaMap.Cli.dll");

    /// <summary><c>./metamap</c>.</summary>
    public static string Script => PathOf("metamap");

    /// <summary>A path in it.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([_root, .. parts]);

    /// <summary>A path relative to it, with slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(_root, path).Replace('\\', '/');

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MetaMap.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"MetaMap.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
