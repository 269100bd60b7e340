using System.Runtime.CompilerServices;
using MetaMap.Data.Cache;

namespace MetaMap.Testing;

/// <summary>Tests decode into a folder of their own, never beside shared data; it is gone when the process ends.</summary>
internal static class CacheOfTests
{
    /// <summary>Makes the next reader decode again.</summary>
    public static void Forget()
    {
        foreach (string file in Directory.GetFiles(Environment.GetEnvironmentVariable(CacheFolders.Variable)!, "*.cache"))
        {
            File.Delete(file);
        }
    }

    [ModuleInitializer]
    internal static void Set()
    {
        string folder = Directory.CreateTempSubdirectory("metamap-test-cache-").FullName;
        Environment.SetEnvironmentVariable(CacheFolders.Variable, folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
