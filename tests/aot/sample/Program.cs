System.Console.WriteLine("Hello from C# without .NET.");
return 42;
