using System.Collections.Immutable;
using System.Reflection;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Plugins;

/// <summary>An external assembly that adds models, algorithms or datasets.</summary>
public sealed class PluginAssembly
{
    private readonly Assembly _assembly;

    private PluginAssembly(string path, Assembly assembly)
    {
        Path = path;
        _assembly = assembly;
    }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>Loads an assembly without running any of its code.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="ConfigurationException">The file does not exist, is not a .NET assembly, or was built against another version.</exception>
    public static PluginAssembly Load(string path)
    {
        string file = System.IO.Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new ConfigurationException($"There is no plug-in {path}; name the file of an assembly (.dll).");
        }

        PluginAssembly plugin;
        try
        {
            plugin = new PluginAssembly(path, new PluginLoadContext(file).LoadFromAssemblyPath(file));
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            throw new ConfigurationException($"Plug-in {path} is no .NET assembly that this program can load: {error.Message}", error);
        }

        plugin.RequireThisVersion();
        return plugin;
    }

    /// <summary>Adds its parts to the registries.</summary>
    /// <exception cref="ConfigurationException">It has none, one is of no known kind or cannot be created, or a name is taken.</exception>
    public void AddParts()
    {
        ImmutableArray<MetaMapPluginAttribute> attributes = Attributes<MetaMapPluginAttribute>();
        if (attributes.IsEmpty)
        {
            throw new ConfigurationException(
                $"Plug-in {Path} offers nothing: it has no attribute [assembly: MetaMapPlugin(typeof(...))]; add one for each definition.");
        }

        foreach (MetaMapPluginAttribute attribute in attributes)
        {
            Add(Create(attribute.Part));
        }
    }

    private ConfigurationException Refuse(string reason, Exception? cause = null) => cause is null
        ? new ConfigurationException($"Plug-in {Path}: {reason}") : new ConfigurationException($"Plug-in {Path}: {reason}", cause);

    private void Add(object part)
    {
        try
        {
            PartRegistry.Add(part);
        }
        catch (ConfigurationException error)
        {
            throw Refuse(error.Message, error);
        }
    }

    private object Create(Type type)
    {
        try
        {
            return Activator.CreateInstance(type)!;
        }
        catch (Exception error) when (error is MissingMethodException or MemberAccessException or TypeLoadException or TargetInvocationException
            or FileNotFoundException or FileLoadException)
        {
            throw Refuse($"{type.FullName} cannot be made: {(error.InnerException ?? error).Message}", error);
        }
    }

    private ImmutableArray<T> Attributes<T>()
        where T : Attribute
    {
        try
        {
            return [.. _assembly.GetCustomAttributes<T>()];
        }
        catch (Exception error) when (error is TypeLoadException or FileNotFoundException or FileLoadException)
        {
            throw Refuse($"what it offers cannot be loaded: {error.Message}", error);
        }
    }

    private void RequireThisVersion()
    {
        Version own = typeof(PluginAssembly).Assembly.GetName().Version!;
        if (_assembly.GetReferencedAssemblies().FirstOrDefault(reference =>
            reference.Name!.StartsWith("MetaMap.", StringComparison.Ordinal) && reference.Version != own) is { } other)
        {
            throw new ConfigurationException(
                $"Plug-in {Path} was built against {other.Name} {other.Version}, but this is version {own}; build it against the assemblies of this program.");
        }
    }
}
