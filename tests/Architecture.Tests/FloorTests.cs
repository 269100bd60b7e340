using System.Reflection;

namespace MetaMap.Architecture.Tests;

public sealed class FloorTests
{
    public static TheoryData<Floor> Floors => [.. Floor.All];

    [Theory]
    [MemberData(nameof(Floors))]
    public void Assembly_OfEachFloor_RefersToNothingForbidden(Floor floor) => Assert.Empty(floor.AssemblyViolations());

    [Theory]
    [MemberData(nameof(Floors))]
    public void Types_OfEachFloor_UseNothingForbidden(Floor floor) => Assert.Empty(floor.TypeViolations());

    [Theory]
    [MemberData(nameof(Floors))]
    public void ProjectFile_OfEachFloor_NamesNothingForbidden(Floor floor) => Assert.Empty(floor.ProjectFileViolations());

    [Theory]
    [InlineData("Core")]
    [InlineData("Data", "CsvHelper", "MetaMap.Core", "SkiaSharp", "StbImageSharp", "System.IO.Hashing")]
    [InlineData("Training", "MetaMap.Core", "MetaMap.Data", "MathNet.Numerics", "System.Numerics.Tensors")]
    public void Assembly_OfTheGroundFloors_RefersOnlyToTheBaseLibraryAndAFew(string project, params string[] allowed)
    {
        string baseLibrary = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Assert.DoesNotContain(
            Assembly.Load($"MetaMap.{project}").GetReferencedAssemblies().Select(reference => reference.Name!),
            name => !allowed.Contains(name) && !File.Exists(Path.Combine(baseLibrary, name + ".dll")));
    }

    [Fact]
    public void Floors_EachSourceProjectButTheCommand_HasOne() => Assert.Equal(
        ProjectFile.Under("src").Select(project => Path.GetFileNameWithoutExtension(project.Path)).Where(name => name != "Cli").Order(StringComparer.Ordinal),
        Floor.All.Select(floor => floor.Project).Order(StringComparer.Ordinal));

    /// <summary>The rules would be worthless if they could not fail: what these projects do use is forbidden here.</summary>
    [Theory]
    [InlineData("Learning", "TorchSharp")]
    [InlineData("Training", "MetaMap.Data")]
    [InlineData("Shared", "Akka")]
    [InlineData("Coordinator", "Microsoft.AspNetCore")]
    [InlineData("Cli", "MetaMap.Worker")]
    public void Violations_OfARuleThatIsBroken_AreFoundInEveryWay(string project, string used)
    {
        Floor broken = new(project, used);
        Assert.NotEmpty(broken.AssemblyViolations());
        Assert.NotEmpty(broken.TypeViolations());
        Assert.NotEmpty(broken.ProjectFileViolations());
    }
}
