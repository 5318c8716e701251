"""The kernel as jupyter_kernel_test sees it: every attribute is set, so that no test of that suite is skipped."""

import unittest

import jupyter_kernel_test
from jupyter_client.kernelspec import KernelSpecManager

KERNEL = "adjoint"


class AdjointTests(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'

    completion_samples = [
        {"text": "Math.hyp", "matches": ["hypot"]},
        {"text": "JSON.s", "matches": ["stringify"]},
    ]

    complete_code_samples = [
        "1",
        'console.log("hello, world")',
        "const f = (x: number): number => x * 2",
        "function g() {\n  return 1;\n}",
        "class Point {\n  x = 1;\n}",
        "await Promise.resolve(1)",
        "type Pair<T> = [T, T]",
        "let s = `a${1}b`",
        "// a comment",
    ]
    incomplete_code_samples = [
        "function f() {",
        "const x = [1,",
        "if (true) {",
        "f(1,",
        "/* a comment",
        "let s = `a",
        "class Point {\n  x = 1;",
    ]
    invalid_code_samples = [
        "let 1 = 2",
        "const x = ;",
        "f)",
        "let x: = 1",
    ]

    code_page_something = "Math?"
    code_generate_error = 'throw new TypeError("no")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2].map((x: number) => x + 1).join()", "result": "'2,3'"},
        {"code": "await Promise.resolve(10)", "result": "10"},
    ]
    code_display_data = [
        {"code": 'display({ "text/html": "<b>bold</b>" }, { raw: true })', "mime": "text/html"},
        {"code": 'display({ "image/svg+xml": "<svg/>" }, { raw: true })', "mime": "image/svg+xml"},
    ]

    code_history_pattern = "6 [*]*"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "Math"
    code_clear_output = "clearOutput()"

    def test_every_attribute_of_the_suite_is_set(self):
        for name, value in vars(jupyter_kernel_test.KernelTests).items():
            if not name.startswith(("_", "test_")) and not callable(value) and not isinstance(value, classmethod):
                self.assertTrue(getattr(self, name), f"{name} is not set: its test would be skipped")

    def test_the_kernel_is_the_installed_one(self):
        self.assertEqual(KernelSpecManager().get_kernel_spec(KERNEL).language, "typescript")


class AdjointIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
