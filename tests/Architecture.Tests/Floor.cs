using System.Reflection;
using NetArchTest.Rules;

namespace MetaMap.Architecture.Tests;

/// <summary>A source project and what it must not know.</summary>
/// <param name="Project">Name of the project; its assembly is <c>MetaMap.Project</c>.</param>
/// <param name="Forbidden">Assemblies, packages and namespaces, each with all that begins with its name and a dot.</param>
public sealed record Floor(string Project, params string[] Forbidden)
{
    private const string AspNet = "Microsoft.AspNetCore";

    /// <summary>The floors, from the ground up.</summary>
    public static IReadOnlyList<Floor> All { get; } =
    [
        new("Core", "Akka", "Hyperion", "TorchSharp", AspNet, "MetaMap.Data", "MetaMap.Training", "MetaMap.Learning", "MetaMap.Shared", "MetaMap.Worker", "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Data", "Akka", "Hyperion", "TorchSharp", AspNet, "MetaMap.Training", "MetaMap.Learning", "MetaMap.Shared", "MetaMap.Worker", "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Training", "Akka", "Hyperion", "TorchSharp", AspNet, "MetaMap.Learning", "MetaMap.Shared", "MetaMap.Worker", "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Learning", "Akka", "Hyperion", AspNet, "MetaMap.Shared", "MetaMap.Worker", "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Shared", "TorchSharp", AspNet, "MetaMap.Learning", "MetaMap.Worker", "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Worker", AspNet, "MetaMap.Coordinator", "MetaMap.Cli"),
        new("Coordinator", "TorchSharp", "MetaMap.Learning", "MetaMap.Worker", "MetaMap.Cli"),
    ];

    /// <summary>The compiled project.</summary>
    public Assembly Assembly => Assembly.Load($"MetaMap.{Project}");

    /// <summary>Forbidden assemblies that the compiled project refers to.</summary>
    public IEnumerable<string> AssemblyViolations() =>
        Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(IsForbidden);

    /// <summary>Types of the project that use something of a forbidden namespace.</summary>
    public IEnumerable<string> TypeViolations() =>
        Types.InAssembly(Assembly).ShouldNot().HaveDependencyOnAny(Forbidden).GetResult().FailingTypeNames ?? [];

    /// <summary>Forbidden packages, frameworks and projects that the project file names, used or not.</summary>
    public IEnumerable<string> ProjectFileViolations() => ProjectFile.Of(Project).References.Where(IsForbidden);

    /// <inheritdoc />
    public override string ToString() => Project;

    private bool IsForbidden(string name) => Forbidden.Any(
        forbidden => name == forbidden || name.StartsWith(forbidden + ".", StringComparison.Ordinal) || name.StartsWith(forbidden + "-", StringComparison.Ordinal));
}
