using MetaMap.Core;
using MetaMap.Core.Plugins;

namespace MetaMap.Learning.Plugins;

/// <summary>The second half of a plug-in, for programs that compute.</summary>
public static class ComputationPlugins
{
    /// <summary>Adds the computations of an assembly; one that offers datasets only has none.</summary>
    /// <exception cref="ConfigurationException">They cannot be made, or a name is taken.</exception>
    public static void Add(PluginAssembly plugin)
    {
        switch (plugin.CreateComputations())
        {
            case null:
                break;
            case IPluginComputations computations:
                AddTo(plugin, computations);
                break;
            case { } other:
                throw plugin.Refuse($"{other.GetType().FullName} is offered for computations, but it is no {nameof(IPluginComputations)}.");
        }
    }

    private static void AddTo(PluginAssembly plugin, IPluginComputations computations)
    {
        try
        {
            computations.Add();
        }
        catch (Exception error) when (error is ConfigurationException or TypeLoadException or MissingMethodException or FileNotFoundException)
        {
            throw plugin.Refuse(error.Message, error);
        }
    }
}
