namespace MetaMap.Worker.Tests;

public sealed class HealthFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("metamap-health-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "health");

    [Fact]
    public void Problem_FileWrittenJustNow_IsNone()
    {
        HealthFile file = new(Path);
        file.Write("worker-1");
        Assert.Null(file.Problem(WrittenAt() + HealthFile.MaximumAge));
    }

    [Fact]
    public void Problem_FileTooOld_SaysThatTheWorkerIsNotRegisteredAnyMore()
    {
        HealthFile file = new(Path);
        file.Write("worker-1");
        Assert.Contains("any more", file.Problem(WrittenAt() + HealthFile.MaximumAge + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Problem_FileOfAnEarlierProcessCleared_SaysThatTheWorkerIsNotRegisteredYet()
    {
        HealthFile file = new(Path);
        file.Write("worker-1");
        file.Clear();
        Assert.Contains("yet", file.Problem(TimeProvider.System.GetUtcNow()));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private DateTimeOffset WrittenAt() => File.GetLastWriteTimeUtc(Path);
}
