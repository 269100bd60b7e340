using System.Reflection;
using System.Runtime.Loader;

namespace MetaMap.Training.Plugins;

/// <summary>Finds the assemblies that a plug-in needs: the program's own where it has them, otherwise those beside the plug-in.</summary>
/// <param name="path">The plug-in's file.</param>
internal sealed class PluginLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    /// <inheritdoc />
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string own = Path.Combine(Path.GetDirectoryName(path)!, assemblyName.Name + ".dll");
        return IsOfTheProgram(assemblyName.Name!) || !File.Exists(own) ? null : LoadFromAssemblyPath(own);
    }

    private static bool IsOfTheProgram(string name) => ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator).Any(file => Path.GetFileNameWithoutExtension(file) == name);
}
