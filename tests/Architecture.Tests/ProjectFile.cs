using System.Xml.Linq;

namespace MetaMap.Architecture.Tests;

/// <summary>A project file of the repository.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    private ProjectFile(string path)
    {
        Path = path;
        _document = XDocument.Load(path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Packages and frameworks by their names, projects by their assemblies' names.</summary>
    public IEnumerable<string> References => _document.Descendants()
        .Where(element => element.Name.LocalName is "PackageReference" or "FrameworkReference")
        .Select(element => element.Attribute("Include")!.Value)
        .Concat(_document.Descendants("ProjectReference")
            .Select(element => "MetaMap." + System.IO.Path.GetFileNameWithoutExtension(element.Attribute("Include")!.Value)));

    /// <summary>Name of each package, and the conditions on it and on its group.</summary>
    public IEnumerable<(string Package, string Conditions)> ConditionalPackages => _document.Descendants("PackageReference")
        .Select(element => (element.Attribute("Include")!.Value,
            string.Join(" And ", element.AncestorsAndSelf().Attributes("Condition").Select(condition => condition.Value))));

    /// <summary>The file of a source project.</summary>
    public static ProjectFile Of(string project) => new(Repository.PathOf("src", project, project + ".csproj"));

    /// <summary>All project files under <c>src</c> or <c>tests</c>.</summary>
    public static IEnumerable<ProjectFile> Under(string folder) => Directory
        .EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => new ProjectFile(path));
}
